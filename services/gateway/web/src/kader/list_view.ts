// list_view.ts - everything that was recorded on this phone, person by person: waiting, accepted,
// forwarded or refused, with the city's sentence; what was refused can be corrected and sent as a new entry.
import { confirm } from "../shared/dialog.ts";
import { h, replace } from "../shared/dom.ts";
import { dayAndClock, language } from "../shared/i18n.ts";
import type { App, Screen } from "./app.ts";
import { sentenceOf } from "./codes.ts";
import { babyStart, correctionStart, reportedNewborns } from "./form_start.ts";
import { stopNotice } from "./home_view.ts";
import { icon } from "./icons.ts";
import type { Entry } from "./outbox.ts";
import { say, type Key } from "./words.ts";

const FILTERS = ["all", "waiting", "refused", "accepted"] as const;
export type Filter = (typeof FILTERS)[number];
const PAGE = 50;

export function isFilter(text: string): text is Filter {
    return (FILTERS as readonly string[]).includes(text);
}

// What went to another office is done with, like what was accepted.
function tabOf(entry: Entry): Filter {
    return entry.state === "forwarded" ? "accepted" : entry.state;
}

function stateKey(entry: Entry): Key {
    if (entry.state === "refused" && entry.closed_by !== null)
        return entry.closed_by === entry.id ? "state.aside" : "state.closed";
    return entry.state === "accepted" && entry.outcome?.warning ? "state.warned" : `state.${entry.state}`;
}

// In the language of now where the city's codes are known, else as it came.
function sentence(app: App, entry: Entry): string {
    const outcome = entry.outcome;
    const code = outcome?.code || outcome?.warning;
    if (!outcome || !code) return "";
    return sentenceOf(app.codes, code, outcome.value, language()) || outcome.sentence || code;
}

function entryButtons(app: App, entry: Entry, reported: Set<unknown>): HTMLElement[] {
    const button = (key: Key, primary: boolean, act: () => void) => {
        const made = h("button", { type: "button", class: primary ? "button primary" : "button" }, say(key));
        made.addEventListener("click", act);
        return made;
    };
    if (correctionStart(entry))
        return [
            button("entry.aside", false, () => void putAside(app, entry)),
            button("entry.correct", true, () => app.go(`correct/${entry.id}`)),
        ];
    if (!babyStart(entry, reported)) return [];
    return [button("entry.baby", false, () => app.go(`baby/${entry.id}`))];
}

async function putAside(app: App, entry: Entry): Promise<void> {
    const yes = await confirm({
        title: say("entry.aside"),
        text: [h("p", {}, say("entry.aside.text"))],
        yes: say("entry.aside"),
    });
    if (!yes) return;
    await app.store.putAside(entry.id);
    app.sync.changed();
}

function entryCard(app: App, entry: Entry, reported: Set<unknown>): HTMLElement {
    const told = sentence(app, entry);
    const open = entry.state !== "refused" || entry.closed_by === null;
    const state = h("p", { class: "entry-state" }, icon(entry.state), say(stateKey(entry)));
    const buttons = entryButtons(app, entry, reported);
    const card = h(
        "li",
        { class: `entry ${open ? entry.state : "closed"}` },
        h(
            "div",
            { class: "entry-head" },
            h("p", { class: "entry-name" }, entry.name || say("entry.nameless")),
            state,
        ),
        h("p", { class: "entry-facts" }, say(`kind.${entry.kind}` as Key)),
        h("p", { class: "entry-facts number" }, `${entry.number} · ${dayAndClock(entry.captured_at_ms)}`),
        told ? h("p", { class: "entry-sentence" }, told) : null,
        buttons.length ? h("div", { class: "actions" }, ...buttons) : null,
    );
    card.dataset["state"] = entry.state;
    card.dataset["sequence"] = String(entry.sequence);
    return card;
}

export function listScreen(app: App, start: Filter): Screen {
    let filter = start;
    let limit = PAGE;
    const notice = h("div", {});
    const items = h("ul", { class: "entries" });
    const more = h("button", { type: "button", class: "button wide", hidden: true }, say("list.more"));
    const tabs = h("div", { class: "segments wide", role: "group", "aria-label": say("list.filter") });
    more.addEventListener("click", () => {
        limit += PAGE;
        void refresh();
    });

    function tab(name: Filter, count: number | null): HTMLElement {
        const label = count === null ? say(`list.${name}`) : `${say(`list.${name}`)} ${count}`;
        const button = h("button", { type: "button", class: "segment" }, label);
        button.setAttribute("aria-pressed", String(filter === name));
        button.dataset["filter"] = name;
        button.addEventListener("click", () => {
            filter = name;
            limit = PAGE;
            void refresh();
        });
        return button;
    }

    async function refresh(): Promise<void> {
        const all = await app.store.list();
        const reported = reportedNewborns(all);
        const { waiting, refused, accepted } = app.counts;
        const counts = { all: null, waiting, refused, accepted };
        const focused = tabs.contains(document.activeElement);
        replace(tabs, ...FILTERS.map((name) => tab(name, counts[name])));
        if (focused) tabs.querySelector<HTMLElement>('[aria-pressed="true"]')?.focus();
        const chosen = all.filter((entry) => filter === "all" || tabOf(entry) === filter);
        replace(notice, stopNotice(app));
        replace(
            items,
            ...(chosen.length
                ? chosen.slice(0, limit).map((entry) => entryCard(app, entry, reported))
                : [h("li", { class: "empty" }, say("list.empty"))]),
        );
        more.hidden = chosen.length <= limit;
    }

    void refresh();
    const body = h("div", { class: "stack list" }, notice, tabs, items, more);
    return { title: say("list.title"), body, refresh };
}
