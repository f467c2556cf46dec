// failure.ts - an error as people read it: the sentence of its problem, or what is known of it.
import { ApiError } from "../shared/api.ts";
import { h, replace } from "../shared/dom.ts";
import { problemBox, toast } from "../shared/live.ts";
import { say } from "./words.ts";

export function sentenceOf(error: unknown): { detail: string; code: string } {
    if (error instanceof ApiError) return { detail: error.problem.detail || say("failed"), code: error.code };
    return { detail: say("failed"), code: error instanceof Error ? error.name : "UNKNOWN" };
}

export function failureBox(error: unknown, again?: () => void): HTMLElement {
    const { detail, code } = sentenceOf(error);
    return problemBox(detail, code, again);
}

export function toastFailure(error: unknown): void {
    const { detail, code } = sentenceOf(error);
    toast(`${detail} (${code})`, "bad");
}

// Does something behind a button: busy while it lasts, its problem as a toast.
export async function behind(button: HTMLButtonElement, work: () => Promise<void>): Promise<void> {
    button.disabled = true;
    button.setAttribute("aria-busy", "true");
    try {
        await work();
    } catch (error) {
        toastFailure(error);
    } finally {
        button.disabled = false;
        button.removeAttribute("aria-busy");
    }
}

const newestAsk = new WeakMap<HTMLElement, symbol>();

// Shows in `place` what `ask` brings, as `draw` makes it: "loading" at once instead of what was there, its
// problem with "try again" where it fails. Only the newest ask of a place is drawn, whichever answers last.
export async function into<Answer>(
    place: HTMLElement,
    ask: () => Promise<Answer>,
    draw: (answer: Answer) => Node[],
): Promise<void> {
    const mine = Symbol();
    newestAsk.set(place, mine);
    const isNewest = () => newestAsk.get(place) === mine;
    place.setAttribute("aria-busy", "true");
    replace(
        place,
        h("p", { class: "muted" }, say("loading")),
        h("progress", { "aria-label": say("loading") }),
    );
    try {
        const answer = await ask();
        if (isNewest()) replace(place, draw(answer));
    } catch (error) {
        if (isNewest())
            replace(
                place,
                failureBox(error, () => void into(place, ask, draw)),
            );
    } finally {
        if (isNewest()) place.removeAttribute("aria-busy");
    }
}
