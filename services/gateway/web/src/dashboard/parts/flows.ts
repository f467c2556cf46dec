// flows.ts - what happened today, by kind: in, out, changed, refused.
import { h, setText } from "../../shared/dom.ts";
import type { Model } from "../model.ts";
import * as show from "../show.ts";
import type { Flow } from "../types.ts";
import { say } from "../words.ts";

const GROUPS: { name: "in" | "out" | "change"; flows: Flow[] }[] = [
    { name: "in", flows: ["enrolled", "born", "moved_in", "resumed", "activated"] },
    { name: "out", flows: ["moved_out", "died", "suspended", "grace_ended"] },
    {
        name: "change",
        flows: ["laid_off", "rehired", "switched", "moved_within", "corrected", "merged", "refused"],
    },
];

export function createFlows(): { element: HTMLElement; update(model: Model): void } {
    const values = new Map<Flow, HTMLElement>();
    const line = (flow: Flow) => {
        const value = h("dd", { class: "numeric" }, "–");
        values.set(flow, value);
        return h("div", {}, h("dt", {}, say(`flow.${flow}`)), value);
    };
    const groups = GROUPS.map((group) =>
        h(
            "div",
            { class: `flow-group ${group.name}` },
            h("h3", { class: "small" }, say(`flow.group.${group.name}`)),
            h("dl", { class: "pairs" }, group.flows.map(line)),
        ),
    );
    return {
        element: h("div", { class: "flow-groups" }, groups),
        update: ({ totals }) => {
            if (!totals) return;
            for (const [flow, element] of values) {
                const value = totals.city.flows_today[flow];
                setText(element, show.count(value));
                element.classList.toggle("nought", value === 0);
            }
        },
    };
}
