// show.ts - figures as text: withheld and unknown ones are said, never shown as nought.
import { number, percent } from "../shared/i18n.ts";
import type { Count } from "./types.ts";
import { say } from "./words.ts";

export function count(value: Count | undefined): string {
    if (value === null) return say("withheld");
    return value === undefined ? "–" : number(value);
}

export function share(value: number | null | undefined): string {
    if (value === null) return say("withheld");
    return value === undefined ? "–" : percent(value);
}
