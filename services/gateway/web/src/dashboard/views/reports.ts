// reports.ts - layoffs that kaders saw at a door, for the labour office to confirm: who, where, which day and
// employer, by whom. A NIK is shown whole for one person at a time, with a reason that is logged.
import { openDialog } from "../../shared/dialog.ts";
import { h, replace, setText } from "../../shared/dom.ts";
import { day, dayAndClock, language } from "../../shared/i18n.ts";
import { createTable } from "../../shared/table.ts";
import type { Context } from "../context.ts";
import { failureBox, into } from "../failure.ts";
import { kelurahanName } from "../names.ts";
import { card } from "../parts/card.ts";
import type { LayoffReport, Refusal, Refusals } from "../types.ts";
import { say } from "../words.ts";

const CODE = "LAYOFF_REPORTED";
const PAGE_ROWS = 200;
const PAGES_MAX = 25; // 5,000 reports: then the summary says that there are more
const REASON_LEAST = 3;
const REASON_MOST = 120;

type Row = Refusal & { report: LayoffReport };

function isReport(row: Refusal): row is Row {
    return row.report !== undefined;
}

// Asks why, then shows the number in the dialog alone: it is gone when that is closed.
function openNumber(context: Context, row: Row): void {
    const input = h("input", { type: "text", maxlength: REASON_MOST, autocomplete: "off" });
    const answer = h("div", { "aria-live": "polite" });
    const button = h("button", { type: "submit", class: "button primary" }, say("reports.show"));
    const form = h(
        "form",
        { class: "stack" },
        h("p", {}, say("reports.logged")),
        h("label", { class: "field" }, say("reports.reason"), input),
        h("div", { class: "actions" }, button),
        answer,
    );
    const fits = () => input.value.trim().length >= REASON_LEAST;
    button.disabled = true;
    input.addEventListener("input", () => (button.disabled = !fits()));
    form.addEventListener("submit", (event) => {
        event.preventDefault();
        if (fits()) void show();
    });

    async function show(): Promise<void> {
        try {
            const page = await context.api.get<Refusals>("/v1/refusals", {
                query: { code: CODE, before: row.offset + 1, limit: 1, language: language() },
                headers: { "Cakupan-Reason": encodeURIComponent(input.value.trim()) },
            });
            const nik = page.refusals[0]?.nik ?? "–";
            replace(answer, h("p", { class: "number strong whole-nik" }, nik));
        } catch (error) {
            replace(answer, failureBox(error));
        }
    }
    openDialog(row.report.name || row.nik, form);
    input.focus();
}

function whoCell(context: Context, row: Row): HTMLElement {
    const button = h("button", { type: "button", class: "button quick" }, say("reports.show"));
    button.setAttribute("aria-label", `${say("reports.show")}: ${row.report.name || row.nik}`);
    button.addEventListener("click", () => openNumber(context, row));
    return h("div", {}, h("p", {}, row.report.name || "–"), h("p", { class: "number" }, row.nik), button);
}

function reportTable(context: Context) {
    return createTable<Row>({
        caption: say("tasks.reports"),
        captionHidden: true,
        columns: [
            {
                key: "name",
                title: say("column.person"),
                heading: true,
                value: (row) => row.report.name,
                render: (row) => whoCell(context, row),
            },
            {
                key: "place",
                title: say("column.kelurahan"),
                value: (row) => kelurahanName(context.model, row.report.kelurahan),
            },
            {
                key: "laid_off",
                title: say("column.laid_off"),
                value: (row) => row.report.date,
                text: (row) => day(row.report.date, "short"),
            },
            {
                key: "employer",
                title: say("column.employer"),
                value: (row) => row.report.employer || null,
                text: (row) => (row.report.employer ? String(row.report.employer) : "–"),
            },
            { key: "seen", title: say("column.seen"), value: (row) => row.report.seen },
            {
                key: "author",
                title: say("column.reported_by"),
                value: (row) => row.author,
                text: (row) => `${row.author} (${row.device})`,
            },
            {
                key: "time",
                title: say("column.time"),
                value: (row) => row.time_ms,
                text: (row) => dayAndClock(row.time_ms),
            },
        ],
        rowKey: (row) => String(row.offset),
        sort: { key: "time", descending: true },
        empty: say("tasks.no_reports"),
    });
}

async function allReports(context: Context): Promise<{ rows: Row[]; more: boolean }> {
    const rows: Row[] = [];
    let before: number | null = null;
    for (let page = 0; page < PAGES_MAX; page += 1) {
        const query = { code: CODE, before, limit: PAGE_ROWS, language: language() };
        const answer: Refusals = await context.api.get<Refusals>("/v1/refusals", { query });
        rows.push(...answer.refusals.filter(isReport));
        before = answer.next_before;
        if (before === null) return { rows, more: false };
    }
    return { rows, more: true };
}

export function reports(context: Context): HTMLElement {
    const summary = h("p", { class: "small muted", role: "status" });
    const frame = h("div", { class: "stack" });
    const table = reportTable(context);
    const draw = ({ rows, more }: { rows: Row[]; more: boolean }) => {
        const open = rows.filter((row) => row.report.open);
        const counts = { open: open.length, settled: rows.length - open.length };
        setText(summary, say(more ? "tasks.reports_more" : "tasks.reports_count", counts));
        table.update(open);
        return [table.element];
    };
    void into(frame, () => allReports(context), draw);
    return card(
        say("tasks.reports"),
        "wide",
        h("p", { class: "muted" }, say("tasks.reports_hint")),
        summary,
        frame,
    );
}
