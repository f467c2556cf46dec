// shell.ts - the frame around every screen: title and state of sending on top, the main parts or the
// screen's own buttons at the bottom.
import { h, replace, setText } from "../shared/dom.ts";
import type { App, Screen } from "./app.ts";
import { icon } from "./icons.ts";
import { say, type Key } from "./words.ts";

const PARTS = ["home", "list", "device"] as const;

export interface Shell {
    show(screen: Screen, part: string): void;
    refresh(): void;
    banner(text: string, action: string, act: () => void): void;
}

interface Chip {
    key: Key;
    count: number;
    tone: string;
}

function chipOf(app: App): Chip {
    const state = app.sync.state();
    const { waiting, refused } = app.counts;
    if (app.stop) return { key: "sync.stopped", count: 0, tone: "tone-bad" };
    if (state.state === "storage") return { key: "sync.storage", count: 0, tone: "tone-bad" };
    if (state.state === "offline")
        return { key: waiting ? "sync.offline" : "sync.offline.none", count: waiting, tone: "tone-warning" };
    if (state.state === "sending" && waiting) return { key: "sync.sending", count: waiting, tone: "" };
    if (waiting) return { key: "sync.waiting", count: waiting, tone: "tone-warning" };
    if (refused) return { key: "sync.refused.short", count: refused, tone: "tone-bad" };
    return { key: "sync.idle", count: 0, tone: "tone-good" };
}

export function createShell(app: App): Shell {
    const title = h("h1", { tabindex: "-1" });
    const chipText = h("span", {});
    const chip = h(
        "button",
        { type: "button", class: "sync-chip", hidden: true },
        h("span", { class: "pulse", "aria-hidden": "true" }),
        chipText,
    );
    chip.addEventListener("click", () => app.go("list/all"));
    const main = h("main", { id: "main" });
    const bottom = h("div", { class: "bottom" });
    const banner = h("div", { class: "banner", role: "status", hidden: true });
    const top = h("header", { class: "top" }, title, chip);
    document.getElementById("app")?.replaceChildren(top, banner, main, bottom);
    let shown: Screen | null = null;

    function part(name: (typeof PARTS)[number], current: string): HTMLElement {
        const button = h("button", { type: "button", class: "part" }, icon(name), say(`nav.${name}`));
        if (name === current) button.setAttribute("aria-current", "page");
        button.dataset["part"] = name;
        button.addEventListener("click", () => app.go(name));
        return button;
    }

    function refresh(): void {
        const { key, count, tone } = chipOf(app);
        chip.hidden = app.device === null;
        chip.className = `sync-chip ${tone}`;
        setText(chipText, say(key, { count }));
        void shown?.refresh?.();
    }

    return {
        refresh,
        show: (screen, current) => {
            shown = screen;
            // What was said about the last form must not lie over the next one.
            if (screen.actions) document.querySelector(".toasts")?.replaceChildren();
            document.title = `${screen.title} · Cakupan`;
            setText(title, screen.title);
            replace(main, screen.body);
            const parts = h("nav", { class: "parts", "aria-label": say("nav.label") });
            if (app.device) parts.append(...PARTS.map((name) => part(name, current)));
            replace(bottom, screen.actions ?? parts);
            document.body.classList.toggle("with-actions", screen.actions !== undefined);
            refresh();
            scrollTo(0, 0);
            if (!main.contains(document.activeElement)) title.focus({ preventScroll: true });
        },
        banner: (text, action, act) => {
            const button = h("button", { type: "button", class: "button quick" }, action);
            button.addEventListener("click", act);
            replace(banner, h("p", {}, text), button);
            banner.hidden = false;
        },
    };
}
