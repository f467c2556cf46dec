// budget.ts - the year's budget: ceiling, spent, forecast and when each line runs out; what more layoffs
// would do to it; finance sets the ceiling.
import { openDialog } from "../../shared/dialog.ts";
import { h, replace, setStyle, uniqueId } from "../../shared/dom.ts";
import { day, month, percent, rupiah, rupiahShort } from "../../shared/i18n.ts";
import { toast } from "../../shared/live.ts";
import { may } from "../../shared/session.ts";
import type { Context } from "../context.ts";
import { behind } from "../failure.ts";
import { cityToday, percentOf, type Model } from "../model.ts";
import { card } from "../parts/card.ts";
import type { Budget, BudgetLine } from "../types.ts";
import { say } from "../words.ts";

const BUDGET_TIMEOUT_MS = 45_000;
const LINES = ["iuran", "bantuan iuran", "both"] as const;

// How much of the ceiling is used and will be; no bar where there is no ceiling to compare with.
function ceilingBar(line: BudgetLine): HTMLElement | null {
    if (!line.ceiling) return null;
    const bar = h(
        "span",
        { class: "budget-bar", "aria-hidden": "true" },
        h("span", { class: "budget-spent" }),
        h("span", { class: "budget-forecast" }),
        line.forecast > line.ceiling ? h("span", { class: "budget-ceiling" }) : null,
    );
    const whole = Math.max(line.ceiling, line.forecast);
    setStyle(bar, "--spent", `${(100 * (line.spent + line.committed)) / whole}%`);
    setStyle(bar, "--forecast", `${(100 * line.forecast) / whole}%`);
    setStyle(bar, "--ceiling", `${(100 * line.ceiling) / whole}%`);
    return bar;
}

function lineFigures(line: BudgetLine): string {
    const spent = rupiahShort(line.spent + line.committed);
    const forecast = rupiahShort(line.forecast);
    const share = percentOf(line.spent + line.committed, line.ceiling);
    if (share === null) return say("budget.figures_open", { spent, forecast });
    const ceiling = rupiahShort(line.ceiling);
    return say("budget.figures", { spent, share: percent(share, 1), forecast, ceiling });
}

function lineItem(name: (typeof LINES)[number], line: BudgetLine): HTMLElement {
    const end = line.runs_out_date ?? line.runs_out_month;
    const verdict = !line.ceiling
        ? say("budget.no_ceiling")
        : end
          ? say("budget.runs_out", { when: end.length > 7 ? day(end, "short") : month(end) })
          : say("budget.enough");
    return h(
        "li",
        {},
        h(
            "p",
            { class: "spread" },
            h("strong", {}, say(`budget_line.${name}`)),
            h("span", { class: line.ceiling && end ? "tone-bad-text" : "muted" }, verdict),
        ),
        ceilingBar(line),
        h("p", { class: "small muted" }, lineFigures(line)),
    );
}

function ceilingForm(context: Context, budget: Budget, done: (budget: Budget) => void): void {
    const field = (label: string, value: number) => {
        const id = uniqueId("ceiling");
        const input = h("input", {
            id,
            type: "number",
            min: 0,
            step: 1,
            required: true,
            inputmode: "numeric",
            value,
        });
        const read = h("span", { class: "hint" }, rupiah(value));
        input.addEventListener("input", () => replace(read, rupiah(Number(input.value))));
        return { input, element: h("label", { for: id, class: "field" }, label, input, read) };
    };
    const iuran = field(say("budget_line.iuran"), budget.lines.iuran.ceiling);
    const bantuan = field(say("budget_line.bantuan iuran"), budget.lines["bantuan iuran"].ceiling);
    const button = h("button", { type: "submit", class: "button primary" }, say("budget.set"));
    const form = h(
        "form",
        { class: "stack" },
        iuran.element,
        bantuan.element,
        h("div", { class: "actions" }, button),
    );
    const dialog = openDialog(say("budget.set_title", { year: String(budget.year) }), form);
    form.addEventListener("submit", (event) => {
        event.preventDefault();
        void behind(button, async () => {
            const body = { iuran: Number(iuran.input.value), bantuan: Number(bantuan.input.value) };
            done(
                await context.api.send<Budget>("PUT", `/v1/budget/${budget.year}`, body, {
                    timeoutMs: BUDGET_TIMEOUT_MS,
                }),
            );
            toast(say("budget.was_set"), "good");
            dialog.close();
        });
    });
}

export function budgetCard(context: Context): { element: HTMLElement; update(model: Model): void } {
    const list = h("ul", { class: "budget-lines" });
    const actions = h("div", { class: "actions" });
    const note = h("p", { class: "small muted", role: "status" });
    const id = uniqueId("what-if");
    const input = h("input", {
        id,
        type: "number",
        min: 0,
        max: 10_000_000,
        step: 100,
        inputmode: "numeric",
        placeholder: "0",
    });
    const ask = h("button", { type: "submit", class: "button" }, say("budget.what_if_ask"));
    const form = h(
        "form",
        { class: "actions end" },
        h("label", { for: id, class: "field" }, say("budget.what_if"), input),
        ask,
    );
    let shown: Budget | null = null;

    function draw(budget: Budget): void {
        shown = budget;
        replace(
            list,
            LINES.map((name) => lineItem(name, budget.lines[name])),
        );
        replace(
            actions,
            may("budget.set")
                ? h(
                      "button",
                      {
                          type: "button",
                          class: "button",
                          onclick: () =>
                              ceilingForm(context, budget, (next) => (context.model.budget = next)),
                      },
                      say("budget.set"),
                  )
                : null,
        );
    }

    form.addEventListener("submit", (event) => {
        event.preventDefault();
        void behind(ask, async () => {
            const layoffs = Number(input.value) || 0;
            const year = cityToday(context.model).slice(0, 4);
            const answer = await context.api.get<Budget>(`/v1/budget/${year}`, {
                query: { layoffs },
                timeoutMs: BUDGET_TIMEOUT_MS,
            });
            draw(answer);
            shown = context.model.budget;
            replace(note, layoffs ? say("budget.what_if_shown", { count: layoffs }) : null);
        });
    });
    return {
        element: card(say("budget.title"), "", list, actions, form, note),
        update: (model) => {
            if (model.budget && model.budget !== shown) draw(model.budget);
        },
    };
}
