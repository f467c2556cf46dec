// home_view.ts - the beginning: how sending stands, and one large button for each thing that can have
// happened, at the lower end of the screen where a thumb reaches.
import { h, replace } from "../shared/dom.ts";
import { clock } from "../shared/i18n.ts";
import type { App, Screen } from "./app.ts";
import type { Kind } from "./capture.ts";
import { mayCapture, mayReport } from "./codes.ts";
import { icon } from "./icons.ts";
import { stopText } from "./stop_text.ts";
import { say } from "./words.ts";

const TILES = [
    "ENROL_VULNERABLE",
    "LAYOFF",
    "MOVE_WITHIN",
    "MOVE_OUT",
    "MOVE_IN",
    "DEATH",
    "BIRTH",
    "ENROL",
] as const satisfies Kind[];

function tile(app: App, kind: (typeof TILES)[number]): HTMLElement {
    const wide = kind === "ENROL";
    const words = h(
        "span",
        { class: "tile-words" },
        h("span", { class: "tile-name" }, say(`tile.${kind}`)),
        wide ? h("span", { class: "tile-hint" }, say("tile.ENROL.hint")) : null,
    );
    const form = wide ? "tile wide" : kind === "ENROL_VULNERABLE" ? "tile row" : "tile";
    const button = h("button", { type: "button", class: form }, icon(kind), words);
    button.dataset["kind"] = kind;
    button.addEventListener("click", () => app.go(`capture/${kind}`));
    return button;
}

// Kinds that the device may send, or report to the office that may.
function offered(app: App): (typeof TILES)[number][] {
    const role = app.device?.role ?? "";
    return TILES.filter((kind) => mayCapture(app.codes, kind, role) || mayReport(app.codes, kind, role));
}

export function stopNotice(app: App): HTMLElement | null {
    if (!app.stop) return null;
    const again = h("button", { type: "button", class: "button" }, say("stop.retry"));
    again.addEventListener("click", () => {
        void app.store.clearStop().then(() => app.sync.wake(true));
    });
    const pair = h("button", { type: "button", class: "button" }, say("stop.pair"));
    pair.addEventListener("click", () => app.go("pair"));
    return h(
        "section",
        { class: "notice tone-bad", role: "alert" },
        h("p", { class: "strong" }, say("sync.stopped")),
        h("p", {}, stopText(app.stop.code, app.stop.sentence)),
        h("div", { class: "actions" }, again, pair),
    );
}

function sendingLine(app: App): HTMLElement {
    const state = app.sync.state();
    const { waiting, refused } = app.counts;
    const lines: (HTMLElement | null)[] = [
        waiting ? h("p", { class: "strong" }, say("sync.waiting", { count: waiting })) : null,
        waiting ? h("p", { class: "muted" }, say("sync.safe")) : null,
        state.state === "storage" ? h("p", { class: "strong" }, say("sync.storage.text")) : null,
        state.state === "waiting" && waiting
            ? h("p", { class: "muted" }, say("sync.again", { time: clock(state.until_ms) }))
            : null,
    ];
    const link = h("button", { type: "button", class: "button refused-link" }, icon("refused"));
    link.append(say("sync.refused", { count: refused }));
    link.addEventListener("click", () => app.go("list/refused"));
    return h("div", { class: "sending" }, ...lines, refused ? link : null);
}

export function homeScreen(app: App): Screen {
    const status = h("div", { class: "home-status", role: "status" });
    const refresh = () => replace(status, stopNotice(app), sendingLine(app));
    refresh();
    const body = h(
        "div",
        { class: "home" },
        status,
        h("h2", { class: "home-title" }, say("home.title")),
        h("div", { class: "tiles" }, ...offered(app).map((kind) => tile(app, kind))),
    );
    return { title: say("title"), body, refresh };
}
