// freshness.ts - how fresh the figures are, said plainly: a chip with a mark, a word and, where they are not
// fresh, since when.
import { h, setText } from "./dom.ts";
import { clock, translator } from "./i18n.ts";
import english from "./messages_en.ts";
import indonesian from "./messages_id.ts";
import type { StreamState } from "./stream.ts";

// `polling`: no stream, but the figures are asked for every few seconds.
export type Freshness = StreamState | "polling";

const say = translator({ id: indonesian, en: english });

const TONES: Record<Freshness, string> = {
    connecting: "",
    live: "tone-good",
    polling: "",
    stale: "tone-warning",
    away: "tone-warning",
    disconnected: "tone-bad",
    ended: "tone-bad",
};

export interface FreshnessChip {
    element: HTMLElement;
    show(state: Freshness, since: Date): void;
}

export function createFreshness(): FreshnessChip {
    const text = h("span", {});
    const mark = h("span", { class: "pulse", "aria-hidden": "true" });
    const element = h("p", { class: "chip freshness", role: "status" }, mark, text);
    return {
        element,
        show: (state, since) => {
            element.className = `chip freshness ${TONES[state]}`;
            element.dataset["state"] = state;
            setText(text, say(`stream.${state}`, { time: clock(since) }));
        },
    };
}
