// surge.ts - when many are laid off at once: how fast they arrive, whether billing keeps up, who works on it,
// what it will cost, and whose months of grace end when. Below it the labour office's upload.
import { h, replace, setStyle, setText } from "../../shared/dom.ts";
import { bytes, clock, month, number, rupiahShort } from "../../shared/i18n.ts";
import { may } from "../../shared/session.ts";
import { createTable } from "../../shared/table.ts";
import { poll, type Context, type View } from "../context.ts";
import { cityNow, layoffSpeed, type Model } from "../model.ts";
import { card } from "../parts/card.ts";
import { createSpark } from "../parts/spark.ts";
import * as show from "../show.ts";
import type { Count, TotalsTable, Workers } from "../types.ts";
import { say } from "../words.ts";
import { layoffUpload } from "./layoff_upload.ts";

const WORKERS_EVERY_MS = 2_000;
const PLACES_EVERY_MS = 10_000;
const REDRAW_EVERY_MS = 10_000; // what happens "now" goes on without news, too
const PLACES_SHOWN = 10;
const LATE_MS = 5_000;

interface Tally {
    element: HTMLElement;
    show(value: string, more: string, tone?: string): void;
}

function tally(title: string): Tally {
    const figure = h("p", { class: "figure money" }, "–");
    const more = h("p", { class: "small muted" });
    return {
        element: h("section", { class: "card" }, h("h2", { class: "card-title" }, title), figure, more),
        show: (value, text, tone = "muted") => {
            setText(figure, value);
            more.className = `small ${tone}`;
            setText(more, text);
        },
    };
}

function placesToday(context: Context): { element: HTMLElement; ask: () => Promise<void> } {
    const table = createTable<{ code: string; name: string; count: Count }>({
        caption: say("surge.places"),
        captionHidden: true,
        columns: [
            { key: "name", title: say("column.kelurahan"), heading: true, value: (row) => row.name },
            {
                key: "count",
                title: say("flow.laid_off"),
                numeric: true,
                value: (row) => row.count,
                text: (row) => show.count(row.count),
            },
        ],
        rowKey: (row) => row.code,
        sort: { key: "count", descending: true },
        empty: say("surge.nobody"),
    });
    async function ask(): Promise<void> {
        const answer = await context.api
            .get<TotalsTable>("/v1/totals", { query: { level: "kelurahan" } })
            .catch(() => null);
        if (!Array.isArray(answer?.rows)) return;
        const [code, name, count] = ["code", "name", "flow_laid_off"].map((column) =>
            answer.columns.indexOf(column),
        );
        const rows = answer.rows
            .map((row) => ({
                code: String(row[code ?? -1]),
                name: String(row[name ?? -1]),
                count: (row[count ?? -1] ?? null) as Count,
            }))
            .filter((row) => row.count !== 0 && row.code.length === 10)
            .sort((one, other) => (other.count ?? 0) - (one.count ?? 0));
        table.update(rows.slice(0, PLACES_SHOWN));
    }
    return { element: table.element, ask };
}

function workersNow(context: Context): { element: HTMLElement; ask: () => Promise<void> } {
    const summary = h("p", { class: "small muted" });
    const table = createTable<Workers["workers"][number]>({
        caption: say("surge.workers"),
        captionHidden: true,
        columns: [
            { key: "name", title: say("column.worker"), heading: true, value: (row) => row.name },
            {
                key: "partitions",
                title: say("column.partitions"),
                numeric: true,
                value: (row) => row.partitions,
            },
            {
                key: "records",
                title: say("column.records"),
                numeric: true,
                value: (row) => row.records,
                text: (row) => number(row.records),
            },
            {
                key: "memory",
                title: say("column.memory"),
                numeric: true,
                value: (row) => row.resident_bytes,
                text: (row) => bytes(row.resident_bytes),
            },
            {
                key: "heard",
                title: say("column.heard"),
                numeric: true,
                value: (row) => row.heard_ms_ago,
                text: (row) => say("ms", { count: row.heard_ms_ago }),
                class: (row) => (row.heard_ms_ago > LATE_MS ? "tone-bad-text" : ""),
            },
        ],
        rowKey: (row) => String(row.number),
        sort: { key: "name" },
        empty: say("surge.no_workers"),
    });
    async function ask(): Promise<void> {
        if (!may("workers.read")) return;
        const answer = await context.api.get<Workers>("/v1/billing/workers", { tries: 1 }).catch(() => null);
        if (!answer) return setText(summary, say("surge.workers_unknown"));
        const ready = answer.partitions.filter((partition) => partition.ready).length;
        setText(
            summary,
            say("surge.workers_summary", {
                workers: answer.workers.length,
                wanted: answer.desired_workers,
                ready,
                partitions: answer.partitions.length,
                failures: answer.failures.length,
            }),
        );
        table.update(answer.workers);
    }
    return { element: h("div", { class: "stack" }, summary, table.element), ask };
}

function graceBars(): { element: HTMLElement; update(model: Model): void } {
    const list = h("ul", { class: "bars" });
    const empty = h("p", { class: "empty" }, say("surge.no_grace"));
    let drawn = "";
    return {
        element: h("div", {}, list, empty),
        update: ({ totals }) => {
            const windows = (totals?.city.grace_windows ?? []).filter((window) => window.month !== null);
            empty.hidden = windows.length > 0;
            const now = JSON.stringify(windows);
            if (now === drawn) return;
            drawn = now;
            const most = Math.max(1, ...windows.map((window) => window.people ?? 0));
            replace(
                list,
                windows.map((window) => {
                    const bar = h("span", { class: "bar", "aria-hidden": "true" });
                    setStyle(bar, "--share", `${(100 * (window.people ?? 0)) / most}%`);
                    return h(
                        "li",
                        {},
                        h("span", {}, month(window.month ?? "", "short")),
                        bar,
                        h("span", { class: "numeric" }, show.count(window.people)),
                    );
                }),
            );
        },
    };
}

export function surge(context: Context): View {
    const arrived = tally(say("surge.arrived"));
    const speed = tally(say("surge.speed"));
    const lag = tally(say("surge.lag"));
    const cost = tally(say("surge.cost"));
    const spark = createSpark(say("surge.curve"));
    const places = placesToday(context);
    const workers = workersNow(context);
    const grace = graceBars();
    const stops = [poll(PLACES_EVERY_MS, places.ask), poll(WORKERS_EVERY_MS, workers.ask)];
    const upload = may("layoffs.send") ? card(say("layoff.title"), "wide", layoffUpload(context)) : null;
    const element = h(
        "div",
        { class: "surge" },
        upload,
        h(
            "div",
            { class: "headline four" },
            [arrived, speed, lag, cost].map((part) => part.element),
        ),
        card(say("surge.curve"), "", spark.element),
        card(say("surge.places"), "", places.element),
        card(
            say("surge.workers"),
            "",
            may("workers.read") ? workers.element : h("p", { class: "muted" }, say("surge.workers_closed")),
        ),
        card(say("surge.grace"), "", grace.element),
    );

    function update(model: Model): void {
        const { totals } = model;
        if (!totals) return;
        const since = model.layoffs[0];
        const last = model.layoffs.at(-1);
        const seen = since && last ? last.count - since.count : 0;
        arrived.show(
            show.count(totals.city.flows_today.laid_off),
            since ? say("surge.since", { count: seen, time: clock(since.at) }) : "",
        );
        const perMinute = layoffSpeed(model);
        speed.show(perMinute === null ? "–" : number(Math.round(perMinute)), say("surge.per_minute"));
        const billing = totals.city.billing;
        if (!billing) lag.show("–", say("bill.unknown"));
        else if (!billing.running) lag.show("–", say("bill.stopped"), "tone-bad-text");
        else {
            const late = billing.lag_ms > LATE_MS;
            const text = billing.lag_records
                ? say("surge.lag_records", { count: billing.lag_records })
                : say("surge.no_lag");
            lag.show(
                say("seconds", { count: Math.round(billing.lag_ms / 100) / 10 }),
                text,
                late ? "tone-warning-text" : "muted",
            );
        }
        const [open, next] = billing?.projected ?? [];
        const known = open && next && open.city !== null && next.city !== null;
        const more = known ? Number(next.city) - Number(open.city) : null;
        cost.show(
            more === null ? "–" : `${more > 0 ? "+" : ""}${rupiahShort(more)}`,
            next ? say("surge.cost_of", { month: month(next.month) }) : "",
        );
        spark.update(model.layoffs, cityNow(model));
        grace.update(model);
    }

    stops.push(poll(REDRAW_EVERY_MS, async () => update(context.model)));
    return { element, update, close: () => stops.forEach((stop) => stop()) };
}
