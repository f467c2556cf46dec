// bills.ts - finance: the months with their invoices, preview and close of the open month, downloads,
// payments, and the year's budget.
import { confirm, openDialog } from "../../shared/dialog.ts";
import { download, h, replace, uniqueId } from "../../shared/dom.ts";
import { day, month, number, rupiah } from "../../shared/i18n.ts";
import { toast } from "../../shared/live.ts";
import { may } from "../../shared/session.ts";
import { createTable } from "../../shared/table.ts";
import type { Context, View } from "../context.ts";
import { behind, into, toastFailure } from "../failure.ts";
import { jobDone } from "../jobs.ts";
import { cityToday } from "../model.ts";
import { budgetLineName, payerName, segmentName } from "../names.ts";
import { card } from "../parts/card.ts";
import type { Bill, BillLine, BillRow, Bills, Job, Payment } from "../types.ts";
import { say } from "../words.ts";
import { budgetCard } from "./budget.ts";

const FILES = ["roster.csv", "roster.xlsx", "minutes.pdf"] as const;
const BILL_TIMEOUT_MS = 45_000;

function sumPairs(bill: Bill): HTMLElement {
    const city = bill.totals.city;
    const pair = (name: string, value: string, more = "") =>
        h(
            "div",
            {},
            h("dt", {}, name),
            h("dd", {}, value, more ? h("span", { class: "small muted" }, ` ${more}`) : null),
        );
    if (!city) return h("p", { class: "empty" }, say("bills.nothing"));
    const line = (name: "iuran" | "bantuan iuran") => {
        const sum = city.budget_lines[name];
        return sum
            ? pair(say(`budget_line.${name}`), rupiah(sum.owed), say("bills.people", { count: sum.people }))
            : null;
    };
    return h(
        "dl",
        { class: "pairs tiles" },
        line("iuran"),
        line("bantuan iuran"),
        pair(say("bills.corrections"), rupiah(city.corrections_amount)),
        pair(say("bills.owed"), rupiah(city.owed), say("bills.people", { count: city.people })),
    );
}

function lineTable(bill: Bill): HTMLElement {
    const table = createTable<BillLine & { key: string }>({
        caption: say("bills.lines"),
        captionHidden: true,
        columns: [
            { key: "payer", title: say("column.payer"), heading: true, value: (row) => payerName(row.payer) },
            {
                key: "budget",
                title: say("column.budget_line"),
                value: (row) => budgetLineName(row.budget_line),
            },
            { key: "segment", title: say("column.segment"), value: (row) => segmentName(row.segment) },
            { key: "class", title: say("column.class"), numeric: true, value: (row) => row.class },
            {
                key: "people",
                title: say("column.people"),
                numeric: true,
                value: (row) => row.people,
                text: (row) => number(row.people),
            },
            {
                key: "amount",
                title: say("column.premiums"),
                numeric: true,
                value: (row) => row.amount,
                text: (row) => rupiah(row.amount),
            },
            {
                key: "corrections",
                title: say("column.corrections"),
                numeric: true,
                value: (row) => row.corrections_amount,
                text: (row) => (row.corrections_amount ? rupiah(row.corrections_amount) : "–"),
            },
        ],
        rowKey: (row) => row.key,
        rowClass: (row) => (row.payer === "CITY" ? "city" : ""),
        empty: say("bills.nothing"),
    });
    const cityFirst = [...bill.lines].sort(
        (one, other) => Number(other.payer === "CITY") - Number(one.payer === "CITY"),
    );
    table.update(
        cityFirst.map((line) => ({
            ...line,
            key: `${line.payer} ${line.budget_line} ${line.segment} ${line.class}`,
        })),
    );
    return table.element;
}

function paymentPairs(payment: Payment): HTMLElement {
    const item = (name: string, value: string, tone = "") =>
        h("div", {}, h("dt", {}, name), h("dd", { class: tone }, value));
    const sum = (amounts: Record<string, number>) =>
        Object.values(amounts).reduce((one, other) => one + other, 0);
    return h(
        "dl",
        { class: "pairs tiles" },
        item(say("bills.paid"), rupiah(sum(payment.paid))),
        item(
            say("bills.open"),
            rupiah(sum(payment.owed) - sum(payment.paid)),
            payment.overdue ? "tone-bad-text" : "",
        ),
        payment.due_date ? item(say("bills.due"), day(payment.due_date)) : null,
    );
}

const leftOf = (row: BillRow): number => (row.owed ?? 0) - row.paid;

// How far a closed month is paid.
export function paymentState(row: BillRow): "paid" | "part" | "due" | "overdue" | "overdue_part" {
    if (row.owed !== null && leftOf(row) <= 0) return "paid";
    const part = row.paid > 0;
    if (row.overdue) return part ? "overdue_part" : "overdue";
    return part ? "part" : "due";
}

function showBill(bill: Bill): Node[] {
    return [
        h(
            "p",
            { class: bill.frozen ? "chip tone-good" : "chip" },
            say(bill.frozen ? "bills.frozen" : "bills.preview_only"),
        ),
        sumPairs(bill),
        ...(bill.payment ? [paymentPairs(bill.payment)] : []),
        lineTable(bill),
        ...(bill.invoice_hash
            ? [h("p", { class: "small muted hash" }, `${say("bills.hash")} ${bill.invoice_hash}`)]
            : []),
    ];
}

async function saveFile(context: Context, path: string): Promise<void> {
    const file = await context.api.file(path);
    download(file.name, file.content);
}

function closeButton(context: Context, wanted: string, done: () => void): HTMLElement {
    const button = h(
        "button",
        { type: "button", class: "button danger" },
        say("bills.close", { month: month(wanted) }),
    );
    button.addEventListener("click", async () => {
        const yes = await confirm({
            title: say("bills.close", { month: month(wanted) }),
            text: [h("p", {}, say("bills.close_what")), h("p", {}, say("bills.close_forever"))],
            yes: say("bills.close_yes"),
            danger: true,
            mustType: wanted,
            typeLabel: say("bills.close_type", { month: wanted }),
        });
        if (!yes) return;
        await behind(button, async () => {
            const first = await context.api.send<Job>("POST", `/v1/bills/${wanted}/close`, null);
            const { result } = await jobDone<Bill>(context.api, first, () => undefined);
            toast(
                say("bills.closed", { month: month(wanted), amount: rupiah(result.totals.city?.owed ?? 0) }),
                "good",
            );
            done();
        });
    });
    return button;
}

// A payment: its amount, the number of its SP2D and the date. The same SP2D again changes nothing.
function paymentForm(context: Context, row: BillRow, today: string, done: () => void): void {
    const field = (label: string, type: string, value: string, hint = "") => {
        const id = uniqueId("pay");
        const input = h("input", {
            id,
            type,
            value,
            required: true,
            autocomplete: "off",
            inputmode: type === "number" ? "numeric" : null,
        });
        if (type === "number") input.min = "1";
        return {
            input,
            element: h(
                "label",
                { for: id, class: "field" },
                label,
                input,
                hint ? h("span", { class: "hint" }, hint) : null,
            ),
        };
    };
    const amount = field(say("pay.amount"), "number", String(leftOf(row)), say("pay.amount_hint"));
    const sp2d = field(say("pay.sp2d"), "text", "", "00123/SP2D/LS/2026");
    const date = field(say("pay.date"), "date", today);
    const button = h("button", { type: "submit", class: "button primary" }, say("pay.book"));
    const form = h(
        "form",
        { class: "stack" },
        amount.element,
        sp2d.element,
        date.element,
        h("div", { class: "actions" }, button),
    );
    const dialog = openDialog(say("pay.title", { month: month(row.month) }), form);
    form.addEventListener("submit", (event) => {
        event.preventDefault();
        void behind(button, async () => {
            const body = {
                amount: Number(amount.input.value),
                sp2d: sp2d.input.value.trim(),
                date: date.input.value,
            };
            await context.api.send<Payment>("POST", `/v1/bills/${row.month}/payments`, body, {
                timeoutMs: BILL_TIMEOUT_MS,
            });
            toast(say("pay.done", { amount: rupiah(body.amount) }), "good");
            dialog.close();
            done();
        });
    });
}

export function bills(context: Context): View {
    const list = h("div", { class: "stack" });
    const detail = h("div", { class: "stack" });
    const title = h("h2", { class: "card-title", tabindex: -1 });
    const actions = h("div", { class: "actions" });
    const detailCard = h("section", { class: "card wide", hidden: true }, title, actions, detail);

    function open(row: BillRow): void {
        detailCard.hidden = false;
        title.textContent = month(row.month);
        replace(
            actions,
            row.closed && may("bills.files")
                ? FILES.map((name) => {
                      const button = h(
                          "button",
                          { type: "button", class: "button" },
                          say(`bills.file.${name}`),
                      );
                      button.addEventListener(
                          "click",
                          () =>
                              void behind(button, () => saveFile(context, `/v1/bills/${row.month}/${name}`)),
                      );
                      return button;
                  })
                : null,
            row.closed && may("payments.book") && leftOf(row) > 0
                ? h(
                      "button",
                      {
                          type: "button",
                          class: "button primary",
                          onclick: () =>
                              paymentForm(context, row, cityToday(context.model), () => again(row.month)),
                      },
                      say("pay.book"),
                  )
                : null,
            !row.closed && may("bills.close")
                ? closeButton(context, row.month, () => again(row.month))
                : null,
        );
        const path = `/v1/bills/${row.month}${row.closed ? "" : "/preview"}`;
        void into(detail, () => context.api.get<Bill>(path, { timeoutMs: BILL_TIMEOUT_MS }), showBill);
        title.focus();
    }

    // After a close or a payment: the list and the month as they are now.
    function again(wanted: string): void {
        load()
            .then((rows) => rows.filter((row) => row.month === wanted).forEach(open))
            .catch(toastFailure);
    }

    function stateOf(row: BillRow): HTMLElement {
        if (!row.closed) return h("span", { class: "chip" }, say("bills.state.open"));
        const state = paymentState(row);
        const left = h("p", { class: "small" }, say("bills.left", { amount: rupiah(leftOf(row)) }));
        if (state === "paid") return h("span", { class: "chip tone-good" }, say("bills.state.paid"));
        if (state === "overdue") return h("span", { class: "chip tone-bad" }, say("bills.state.overdue"));
        if (state === "overdue_part")
            return h("div", {}, h("span", { class: "chip tone-bad" }, say("bills.state.overdue")), left);
        if (state === "part")
            return h("div", {}, h("span", { class: "chip tone-warning" }, say("bills.state.part")), left);
        return h("span", { class: "chip tone-warning" }, say("bills.state.due"));
    }

    const table = createTable<BillRow>({
        caption: say("bills.title"),
        captionHidden: true,
        columns: [
            {
                key: "month",
                title: say("column.month"),
                heading: true,
                value: (row) => row.month,
                render: (row) =>
                    h(
                        "button",
                        { type: "button", class: "link", onclick: () => open(row) },
                        month(row.month),
                    ),
            },
            { key: "state", title: say("column.state"), value: (row) => Number(row.closed), render: stateOf },
            {
                key: "owed",
                title: say("bills.owed"),
                numeric: true,
                value: (row) => row.owed,
                text: (row) => (row.owed === null ? "–" : rupiah(row.owed)),
            },
            {
                key: "paid",
                title: say("bills.paid"),
                numeric: true,
                value: (row) => row.paid,
                text: (row) => (row.closed ? rupiah(row.paid) : "–"),
            },
            {
                key: "due",
                title: say("bills.due"),
                value: (row) => row.due_date,
                text: (row) => (row.due_date ? day(row.due_date, "short") : "–"),
            },
        ],
        rowKey: (row) => row.month,
        sort: { key: "month", descending: true },
        empty: say("bills.none"),
    });

    // The open month may be missing from the list while billing has not begun.
    async function load(): Promise<BillRow[]> {
        const answer = await context.api.get<Bills>("/v1/bills", { timeoutMs: BILL_TIMEOUT_MS });
        const projected = context.model.totals?.city.billing?.projected.find(
            (each) => each.month === answer.open_month,
        );
        const openRow: BillRow = {
            month: answer.open_month,
            closed: false,
            owed: projected?.city ?? null,
            paid: 0,
            due_date: null,
            overdue: false,
            invoice_hash: null,
        };
        const rows = answer.bills.some((row) => row.month === answer.open_month)
            ? answer.bills
            : [openRow, ...answer.bills];
        table.update(rows);
        return rows;
    }

    if (may("bills.read")) {
        void into(list, load, () => [table.element]);
    } else {
        replace(
            list,
            h("p", { class: "muted" }, say("bills.sign_in")),
            h(
                "p",
                {},
                h(
                    "button",
                    { type: "button", class: "button primary", onclick: context.signIn },
                    say("sign_in"),
                ),
            ),
        );
    }
    const budget = may("budget.read") ? budgetCard(context) : null;
    return {
        element: h(
            "div",
            { class: "bills" },
            card(say("bills.title"), "", h("p", { class: "muted" }, say("bills.hint")), list),
            budget?.element,
            detailCard,
        ),
        update: (model) => budget?.update(model),
    };
}
