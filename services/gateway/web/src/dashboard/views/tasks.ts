// tasks.ts - the people's work: layoffs to confirm, refusals to correct, grace windows that end, self-audit
// findings, differences to BPJS's list. Each office sees its own.
import { h, replace, setText, uniqueId } from "../../shared/dom.ts";
import { day, dayAndClock, language, month, number, rupiah } from "../../shared/i18n.ts";
import { may } from "../../shared/session.ts";
import { createTable, type Table } from "../../shared/table.ts";
import type { Context, View } from "../context.ts";
import { behind, into } from "../failure.ts";
import { cityToday } from "../model.ts";
import { card, choice } from "../parts/card.ts";
import { reconciliationUpload } from "./reconciliation.ts";
import { reports } from "./reports.ts";
import type { Bills, Difference, Finding, Findings, GracePerson, GraceWindows } from "../types.ts";
import type { Reconciliation, Refusal, Refusals } from "../types.ts";
import { say } from "../words.ts";
import { differenceName, findingName, kelurahanName, kindName } from "../names.ts";

const PAGE_ROWS = 50;
const LIST_TIMEOUT_MS = 45_000; // lists that are read out of the whole journal

export function monthOf(iso: string): string {
    return iso.slice(0, 7);
}

// The month `count` later ("2026-11", -1 -> "2026-10").
export function monthAfter(iso: string, count: number): string {
    const [year = 0, number_ = 1] = iso.split("-").map(Number);
    const index = year * 12 + number_ - 1 + count;
    return `${Math.floor(index / 12)}-${String((index % 12) + 1).padStart(2, "0")}`;
}

function monthSelect(
    label: string,
    months: string[],
    chosen: string,
    onChoice: (month: string) => void,
): HTMLElement {
    const id = uniqueId("month");
    const select = h(
        "select",
        { id },
        months.map((each) => h("option", { value: each, selected: each === chosen }, month(each))),
    );
    select.addEventListener("change", () => onChoice(select.value));
    return h("label", { for: id, class: "field inline" }, label, select);
}

function refusals(context: Context): HTMLElement {
    const rows: Refusal[] = [];
    let before: number | null = null;
    let code = "";
    const summary = h("p", { class: "small muted", role: "status" });
    const codeId = uniqueId("code");
    const codes = h("select", { id: codeId }, h("option", { value: "" }, say("tasks.all_codes")));
    const table = createTable<Refusal>({
        caption: say("tasks.refusals"),
        captionHidden: true,
        columns: [
            {
                key: "time",
                title: say("column.time"),
                value: (row) => row.time_ms,
                text: (row) => dayAndClock(row.time_ms),
            },
            { key: "nik", title: say("column.nik"), heading: true, value: (row) => row.nik },
            {
                key: "sentence",
                title: say("column.why"),
                value: (row) => row.sentence,
                render: (row) =>
                    h(
                        "div",
                        {},
                        h("p", {}, row.sentence),
                        h("p", { class: "small muted" }, `${row.code} · ${kindName(row.kind)}`),
                    ),
            },
            {
                key: "place",
                title: say("column.kelurahan"),
                value: (row) => kelurahanName(context.model, row.kelurahan),
            },
            {
                key: "author",
                title: say("column.author"),
                value: (row) => row.author,
                render: (row) =>
                    h(
                        "div",
                        {},
                        h("p", {}, row.author),
                        h(
                            "p",
                            { class: "small muted" },
                            say("tasks.device", { device: row.device, sequence: row.sequence }),
                        ),
                    ),
            },
        ],
        rowKey: (row) => String(row.offset),
        sort: { key: "time", descending: true },
        empty: say("tasks.no_refusals"),
    });
    const more = h("button", { type: "button", class: "button", hidden: true }, say("more"));

    const ask = () => {
        const query = { before, limit: PAGE_ROWS, code: code || null, language: language() };
        return context.api.get<Refusals>("/v1/refusals", { query });
    };

    function take(page: Refusals): Node[] {
        rows.push(...page.refusals.filter((row) => !row.report)); // reports have a list of their own
        before = page.next_before;
        more.hidden = before === null;
        table.update(rows);
        setText(summary, say("tasks.shown", { count: rows.length }));
        const known = new Set([...codes.options].map((option) => option.value));
        for (const each of new Set(rows.map((row) => row.code))) {
            if (!known.has(each)) codes.append(h("option", { value: each }, each));
        }
        return [table.element];
    }

    codes.addEventListener("change", () => {
        code = codes.value;
        before = null;
        rows.length = 0;
        more.hidden = true;
        setText(summary, "");
        void into(frame, ask, take);
    });
    more.addEventListener("click", () => {
        const wanted = code;
        void behind(more, async () => {
            const page = await ask();
            if (code === wanted) take(page);
        });
    });
    const frame = h("div", { class: "stack" });
    void into(frame, ask, take);
    return card(
        say("tasks.refusals"),
        "wide",
        h("p", { class: "muted" }, say("tasks.refusals_hint")),
        h(
            "div",
            { class: "actions spread" },
            h("label", { for: codeId, class: "field inline" }, say("column.code"), codes),
            summary,
        ),
        frame,
        h("div", { class: "actions" }, more),
    );
}

function grace(context: Context, now: string): HTMLElement {
    const frame = h("div", { class: "stack" });
    const table = createTable<GracePerson>({
        caption: say("tasks.grace"),
        captionHidden: true,
        columns: [
            {
                key: "ends",
                title: say("column.ends"),
                value: (row) => row.ends,
                text: (row) => day(row.ends, "short"),
            },
            { key: "name", title: say("column.person"), heading: true, value: (row) => row.name },
            { key: "nik", title: say("column.nik"), value: (row) => row.nik },
            { key: "place", title: say("column.kelurahan"), value: (row) => row.place },
            {
                key: "laid_off",
                title: say("column.laid_off"),
                value: (row) => row.laid_off,
                text: (row) => day(row.laid_off, "short"),
            },
        ],
        rowKey: (row) => String(row.member),
        sort: { key: "ends" },
        empty: say("tasks.no_grace"),
    });
    const load = (wanted: string) =>
        into(
            frame,
            () =>
                context.api.get<GraceWindows>("/v1/grace", {
                    query: { month: wanted },
                    timeoutMs: LIST_TIMEOUT_MS,
                }),
            (answer) => {
                table.update(answer.people);
                const counts = { count: answer.count, shown: answer.people.length };
                const summary = say("tasks.people", counts);
                return [h("p", { class: "small muted", role: "status" }, summary), table.element];
            },
        );
    void load(now);
    const months = Array.from({ length: 7 }, (_, index) => monthAfter(now, index));
    return card(
        say("tasks.grace"),
        "wide",
        h("p", { class: "muted" }, say("tasks.grace_hint")),
        monthSelect(say("column.month"), months, now, (wanted) => void load(wanted)),
        frame,
    );
}

function findingTable(context: Context): Table<Finding & { key: string }> {
    return createTable<Finding & { key: string }>({
        caption: say("tasks.findings"),
        captionHidden: true,
        columns: [
            {
                key: "finding",
                title: say("column.finding"),
                heading: true,
                value: (row) => findingName(row.finding),
            },
            { key: "name", title: say("column.person"), value: (row) => row.name ?? "–" },
            { key: "nik", title: say("column.nik"), value: (row) => row.nik ?? "–" },
            {
                key: "place",
                title: say("column.kelurahan"),
                value: (row) => kelurahanName(context.model, row.kelurahan),
            },
            {
                key: "since",
                title: say("column.since"),
                value: (row) => row.since ?? "",
                text: (row) => (row.since ? day(row.since, "short") : "–"),
            },
            {
                key: "amount",
                title: say("column.amount"),
                numeric: true,
                value: (row) => row.amount ?? 0,
                text: (row) => (row.amount ? rupiah(row.amount) : "–"),
            },
        ],
        rowKey: (row) => row.key,
        sort: { key: "finding" },
        empty: say("tasks.no_findings"),
    });
}

// The months that there are: closed ones and the open one, newest first. None of before the state began.
export function monthsOf(bills: Bills): string[] {
    const months = new Set([bills.open_month, ...bills.bills.map((bill) => bill.month)]);
    return [...months].sort().reverse();
}

function findings(context: Context): HTMLElement {
    const head = h("div", {});
    const frame = h("div", { class: "stack" });
    const table = findingTable(context);
    const show = (answer: Findings): Node[] => {
        table.update(
            answer.findings.map((row, index) => ({ ...row, key: `${row.finding} ${row.member ?? index}` })),
        );
        const kinds = Object.entries(answer.counts).filter(([, count]) => count > 0);
        return [
            h("p", { class: "small muted", role: "status" }, say("tasks.audited", { people: answer.people })),
            h(
                "ul",
                { class: "chips" },
                kinds.map(([name, count]) =>
                    h("li", { class: "chip tone-warning" }, `${findingName(name)}: ${number(count)}`),
                ),
            ),
            table.element,
        ];
    };
    const load = (wanted: string) => {
        const path = `/v1/bills/${wanted}/findings`;
        void into(frame, () => context.api.get<Findings>(path, { timeoutMs: LIST_TIMEOUT_MS }), show);
    };
    void into(
        head,
        () => context.api.get<Bills>("/v1/bills", { timeoutMs: LIST_TIMEOUT_MS }),
        (answer) => {
            load(answer.open_month);
            return [monthSelect(say("column.month"), monthsOf(answer), answer.open_month, load)];
        },
    );
    return card(
        say("tasks.findings"),
        "wide",
        h("p", { class: "muted" }, say("tasks.findings_hint")),
        head,
        frame,
    );
}

export function differenceTable(): Table<Difference> {
    return createTable<Difference>({
        caption: say("tasks.differences"),
        captionHidden: true,
        columns: [
            {
                key: "difference",
                title: say("column.difference"),
                heading: true,
                value: (row) => differenceName(row.difference),
            },
            {
                key: "line",
                title: say("column.line"),
                numeric: true,
                value: (row) => row.line || null,
                text: (row) => (row.line ? number(row.line) : "–"),
            },
            { key: "nik", title: say("column.nik"), value: (row) => row.nik },
            {
                key: "bpjs",
                title: say("column.bpjs_amount"),
                numeric: true,
                value: (row) => row.bpjs_amount,
                text: (row) => rupiah(row.bpjs_amount),
            },
            {
                key: "ours",
                title: say("column.our_amount"),
                numeric: true,
                value: (row) => row.our_amount,
                text: (row) => rupiah(row.our_amount),
            },
        ],
        rowKey: (row) => `${row.difference} ${row.line} ${row.member} ${row.nik}`,
        sort: { key: "difference" },
        empty: say("tasks.no_differences"),
    });
}

function differences(context: Context): HTMLElement {
    const frame = h("div", { class: "stack" });
    const head = h("div", { class: "stack" });
    const show = (answer: Reconciliation): Node[] => {
        const table = differenceTable();
        table.update(answer.examples);
        const kinds = Object.entries(answer.differences).filter(([, sum]) => sum.rows > 0);
        return [
            h(
                "p",
                { role: "status" },
                say("tasks.reconciled", {
                    rows: answer.rows,
                    agreed: answer.agreed,
                    difference: rupiah(answer.bpjs_amount - answer.our_amount),
                }),
            ),
            h(
                "ul",
                { class: "chips" },
                kinds.map(([name, sum]) =>
                    h(
                        "li",
                        { class: "chip tone-warning" },
                        `${differenceName(name)}: ${number(sum.rows)} (${rupiah(sum.amount)})`,
                    ),
                ),
            ),
            table.element,
        ];
    };
    const ask = async (wanted: string): Promise<Reconciliation | null> => {
        try {
            return await context.api.get<Reconciliation>(`/v1/bills/${wanted}/differences`);
        } catch (error) {
            if ((error as { code?: string }).code !== "RECONCILIATION_NONE") throw error;
            return null;
        }
    };
    const load = (wanted: string) =>
        into(
            frame,
            () => ask(wanted),
            (answer) =>
                answer ? show(answer) : [h("p", { class: "empty" }, say("tasks.no_reconciliation"))],
        );
    const choose = (bills: Bills): Node[] => {
        const closed = bills.bills.filter((bill) => bill.closed).map((bill) => bill.month);
        const first = closed[0];
        if (!first) return [h("p", { class: "empty" }, say("tasks.nothing_closed"))];
        let chosen = first;
        void load(first);
        const upload = reconciliationUpload(
            context,
            () => chosen,
            (result) => result.month === chosen && void into(frame, async () => result, show),
        );
        return [
            monthSelect(say("column.month"), closed, first, (wanted) => {
                chosen = wanted;
                void load(wanted);
            }),
            upload,
        ];
    };
    void into(head, () => context.api.get<Bills>("/v1/bills"), choose);
    return card(
        say("tasks.differences"),
        "wide",
        h("p", { class: "muted" }, say("tasks.differences_hint")),
        head,
        frame,
    );
}

const LISTS = ["reports", "refusals", "grace", "findings", "differences"] as const;
type List = (typeof LISTS)[number];

// One list at a time, made when it is chosen: each is asked for when somebody looks at it.
export function tasks(context: Context): View {
    const now = monthOf(cityToday(context.model));
    const makers: Record<List, { right: string; make: () => HTMLElement }> = {
        reports: { right: "layoffs.send", make: () => reports(context) },
        refusals: { right: "refusals.read", make: () => refusals(context) },
        grace: { right: "grace.read", make: () => grace(context, now) },
        findings: { right: "findings.read", make: () => findings(context) },
        differences: { right: "reconcile.run", make: () => differences(context) },
    };
    const mine = LISTS.filter((list) => may(makers[list].right));
    const first = mine[0];
    if (!first) {
        const button = h(
            "button",
            { type: "button", class: "button primary", onclick: context.signIn },
            say("sign_in"),
        );
        const empty = card(
            say("tasks.title"),
            "",
            h("p", { class: "muted" }, say("tasks.none")),
            h("p", {}, button),
        );
        return { element: h("div", { class: "tasks" }, empty), update: () => undefined };
    }
    const frame = h("div", {});
    const show = (list: List) => replace(frame, makers[list].make());
    const lists = choice(say("tasks.choose"), mine, (list) => say(`tasks.${list}`), show, first);
    show(first);
    return { element: h("div", { class: "tasks" }, lists, frame), update: () => undefined };
}
