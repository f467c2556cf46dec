// money.ts - whom the city pays for, what it comes to this month and next, and how long the budget lasts.
import { h, replace, setText } from "../../shared/dom.ts";
import { day, month, percent, rupiah, rupiahShort, signedNumber } from "../../shared/i18n.ts";
import { may } from "../../shared/session.ts";
import { percentOf, type Model } from "../model.ts";
import { budgetLineName } from "../names.ts";
import * as show from "../show.ts";
import type { Billing, Budget } from "../types.ts";
import { say } from "../words.ts";

export interface Part {
    element: HTMLElement;
    update(model: Model): void;
}

export function createCityPaid(): Part {
    const figure = h("p", { class: "figure" }, "–");
    const part = h("p", { class: "small muted" });
    const change = h("p", { class: "small" });
    return {
        element: h(
            "section",
            { class: "card" },
            h("h2", { class: "card-title" }, say("city_paid.title")),
            figure,
            part,
            change,
        ),
        update: ({ totals, history }) => {
            if (!totals) return;
            const people = totals.city.city_paid;
            setText(figure, show.count(people));
            const share = percentOf(people, totals.city.registered);
            setText(part, share === null ? "" : say("city_paid.share", { share: percent(share, 1) }));
            const before = history?.days.filter((entry) => entry.date < totals.day).at(-1);
            const was = before?.regions.find((region) => region.code === totals.city.code)?.city_paid;
            const moved = typeof was === "number" && people !== null ? people - was : null;
            setText(
                change,
                moved === null || !before
                    ? ""
                    : say("city_paid.change", { count: signedNumber(moved), day: day(before.date, "tiny") }),
            );
        },
    };
}

export function createBill(): Part {
    const name = h("p", { class: "small muted" });
    const figure = h("p", { class: "figure money" }, "–");
    const exact = h("p", { class: "small muted" });
    const next = h("p", { class: "small" });
    const remark = h("p", { class: "small tone-warning-text" });
    return {
        element: h(
            "section",
            { class: "card" },
            h("h2", { class: "card-title" }, say("bill.projected")),
            figure,
            name,
            exact,
            next,
            remark,
        ),
        update: ({ totals }) => {
            const billing = totals?.city.billing;
            if (!billing) return setText(name, totals ? say("bill.unknown") : "");
            const [open, after] = billing.projected;
            const short = (city: number | null) => (city === null ? say("withheld") : rupiahShort(city));
            setText(figure, open ? short(open.city) : "–");
            setText(name, open ? say("bill.open", { month: month(open.month) }) : "");
            setText(exact, open && open.city !== null ? rupiah(open.city) : "");
            setText(
                next,
                after ? say("bill.next", { month: month(after.month), amount: short(after.city) }) : "",
            );
            setText(remark, billingRemark(billing));
        },
    };
}

export function billingRemark(billing: Billing): string {
    if (!billing.running) return say("bill.stopped");
    if (billing.failures) return say("bill.failures", { count: billing.failures });
    if (billing.arrears) return say("bill.arrears", { amount: rupiah(billing.arrears) });
    if (billing.arrears === null && billing.arrears_months > 0)
        return say("bill.arrears_months", { count: billing.arrears_months });
    if (!billing.complete || billing.lag_records > 1000)
        return say("bill.behind", { count: billing.lag_records });
    return "";
}

// Where both lines together last, or which ends first.
export function budgetVerdict(budget: Budget): { text: string; tone: string; figure: string } {
    const both = budget.lines.both;
    if (both.ceiling === 0) {
        return { figure: "–", text: say("budget.none", { year: String(budget.year) }), tone: "" };
    }
    const ends = (["iuran", "bantuan iuran"] as const)
        .map((name) => ({
            name,
            date: budget.lines[name].runs_out_date ?? budget.lines[name].runs_out_month,
        }))
        .filter((line): line is { name: "iuran" | "bantuan iuran"; date: string } => line.date !== null)
        .sort((one, other) => (one.date < other.date ? -1 : 1));
    const first = ends[0];
    if (first) {
        const when = first.date.length > 7 ? day(first.date, "short") : month(first.date);
        const line = budgetLineName(first.name).toLowerCase();
        return { figure: when, text: say("budget.ends", { line }), tone: "tone-bad-text" };
    }
    const left = both.ceiling - both.forecast;
    return {
        figure: rupiahShort(left),
        text: say("budget.lasts", { year: String(budget.year) }),
        tone: "tone-good-text",
    };
}

export function createBudgetCard(signIn: () => void): Part {
    const figure = h("p", { class: "figure money" }, "–");
    const text = h("p", { class: "small" });
    const more = h("div", { class: "small muted" });
    let asked = false;
    return {
        element: h(
            "section",
            { class: "card" },
            h("h2", { class: "card-title" }, say("budget.title")),
            figure,
            text,
            more,
        ),
        update: ({ budget }) => {
            if (!may("budget.read")) {
                if (asked) return;
                asked = true;
                setText(text, say("budget.closed"));
                return replace(
                    more,
                    h("button", { type: "button", class: "link", onclick: signIn }, say("sign_in")),
                );
            }
            if (!budget) return setText(text, say("loading"));
            const verdict = budgetVerdict(budget);
            setText(figure, verdict.figure);
            text.className = `small ${verdict.tone}`;
            setText(text, verdict.text);
            const both = budget.lines.both;
            const spent = percentOf(both.spent + both.committed, both.ceiling);
            setText(
                more,
                spent === null
                    ? say("budget.forecast", { amount: rupiahShort(both.forecast) })
                    : say("budget.spent", { share: percent(spent, 1), ceiling: rupiahShort(both.ceiling) }),
            );
        },
    };
}
