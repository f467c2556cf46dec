// segments.ts - the six segments as bars: how many are registered, how many of them active.
import { h, setStyle, setText } from "../../shared/dom.ts";
import { percent } from "../../shared/i18n.ts";
import { percentOf, type Model } from "../model.ts";
import { segmentName } from "../names.ts";
import * as show from "../show.ts";
import { say } from "../words.ts";

interface Bar {
    element: HTMLElement;
    figures: HTMLElement;
    share: HTMLElement;
}

export function createSegments(): { element: HTMLElement; update(model: Model): void } {
    const bars = new Map<string, Bar>();
    const list = h("ul", { class: "segment-bars" });

    function make(segment: string): Bar {
        const figures = h("span", { class: "numeric" });
        const share = h("span", { class: "numeric muted small" });
        const element = h(
            "li",
            {},
            h("span", { class: "segment-name" }, segmentName(segment)),
            figures,
            h(
                "span",
                { class: "segment-bar", "aria-hidden": "true" },
                h("span", { class: "segment-active" }),
            ),
            share,
        );
        if (segment === "PBPU_PEMDA") element.classList.add("city-paid");
        list.append(element);
        return { element, figures, share };
    }

    return {
        element: h(
            "div",
            {},
            list,
            h(
                "p",
                { class: "small muted segment-key" },
                h("span", { class: "key active", "aria-hidden": "true" }),
                ` ${say("segments.active")} `,
                h("span", { class: "key registered", "aria-hidden": "true" }),
                ` ${say("segments.registered")}`,
            ),
        ),
        update: ({ totals }) => {
            if (!totals) return;
            const widest = Math.max(1, ...totals.city.segments.map((row) => row.registered ?? 0));
            for (const row of totals.city.segments) {
                const bar = bars.get(row.segment) ?? make(row.segment);
                bars.set(row.segment, bar);
                bar.element.classList.toggle("no-bar", row.registered === null);
                const part = percentOf(row.active, row.registered);
                setStyle(bar.element, "--registered", `${(100 * (row.registered ?? 0)) / widest}%`);
                setStyle(bar.element, "--active", `${part ?? 0}%`);
                setText(bar.figures, show.count(row.registered));
                setText(bar.share, part === null ? "–" : say("segments.share", { share: percent(part, 1) }));
            }
        },
    };
}
