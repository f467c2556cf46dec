// live.ts - telling people: short messages on the screen (toasts), and a live region for screen readers that
// speaks at most once in a while, however often figures move.
import { h, replace, setText } from "./dom.ts";
import { translator } from "./i18n.ts";
import english from "./messages_en.ts";
import indonesian from "./messages_id.ts";

const say = translator({ id: indonesian, en: english });
const ANNOUNCE_EVERY_MS = 15_000;
const TOAST_MS = 7_000;

export type Tone = "plain" | "good" | "warning" | "bad";

let polite: HTMLElement | null = null;
let toasts: HTMLElement | null = null;
let announcedAt = 0;
let waiting: ReturnType<typeof setTimeout> | undefined;

export function installLive(): void {
    polite = h("div", { class: "visually-hidden", role: "status", "aria-live": "polite" });
    toasts = h("div", { class: "toasts", role: "log", "aria-live": "polite", "aria-relevant": "additions" });
    document.body.append(polite, toasts);
}

// What moves by itself: the newest text is spoken, the ones between are not.
export function announce(text: string): void {
    clearTimeout(waiting);
    const wait = Math.max(0, announcedAt + ANNOUNCE_EVERY_MS - Date.now());
    const speak = () => {
        announcedAt = Date.now();
        if (polite) setText(polite, text);
    };
    waiting = setTimeout(speak, wait);
}

// What somebody did, and what came of it. Bad news stay until they are closed.
export function toast(text: string, tone: Tone = "plain"): void {
    if (!toasts) return;
    const close = h("button", { class: "toast-close", type: "button", "aria-label": say("close") }, "×");
    const box = h("div", { class: `toast tone-${tone}` }, h("p", {}, text), close);
    const leave = () => box.remove();
    close.addEventListener("click", leave);
    if (tone !== "bad") {
        let timer = setTimeout(leave, TOAST_MS);
        box.addEventListener("pointerenter", () => clearTimeout(timer));
        box.addEventListener("pointerleave", () => (timer = setTimeout(leave, TOAST_MS)));
    }
    toasts.append(box);
}

// A problem inside the page, where its subject would stand, with a way to try again.
export function problemBox(detail: string, code: string, again?: () => void): HTMLElement {
    const box = h("div", { class: "notice tone-bad", role: "alert" });
    replace(
        box,
        h("p", {}, detail),
        h("p", { class: "small" }, say("problem.code", { code })),
        again ? h("button", { type: "button", class: "button", onclick: again }, say("retry")) : null,
    );
    return box;
}
