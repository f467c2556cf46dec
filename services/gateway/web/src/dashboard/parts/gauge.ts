// gauge.ts - a percentage against its threshold: the figure, a bar whose scale is drawn around the threshold
// (so that one point is seen), and how many people there are to spare, or are missing.
import { h, set, setStyle, setText } from "../../shared/dom.ts";
import { number, percent } from "../../shared/i18n.ts";
import * as show from "../show.ts";
import type { Count } from "../types.ts";
import { say } from "../words.ts";

export interface Gauge {
    element: HTMLElement;
    update(value: number | null | undefined, people: Count | undefined, population: Count | undefined): void;
}

export interface GaugeOptions {
    title: string;
    threshold: number; // passed by more than this
    from: number; // the bar's ends; they give way where the value lies outside
    to: number;
}

// The people above the threshold (or below it, negative): `more than threshold per cent` in whole people.
export function peopleToSpare(people: number, population: number, threshold: number): number {
    return people - (Math.floor((population * threshold) / 100) + 1);
}

// The bar's ends around the value, in whole points.
export function ends(value: number, from: number, to: number): [number, number] {
    return [Math.min(from, Math.floor(value) - 1), Math.max(to, Math.ceil(value))];
}

export function createGauge(options: GaugeOptions): Gauge {
    const figure = h("p", { class: "figure" }, "–");
    const verdict = h("p", { class: "verdict" });
    const detail = h("p", { class: "small muted" });
    const fill = h("span", { class: "gauge-fill" });
    const tick = h("span", { class: "gauge-tick" });
    const scaleFrom = h("span", {});
    const scaleTo = h("span", {});
    const tickName = h("span", { class: "gauge-tick-name" }, percent(options.threshold, 0));
    const bar = h(
        "div",
        { class: "gauge-bar", role: "meter", "aria-label": options.title },
        h("span", { class: "gauge-track" }, fill),
        tick,
    );
    const scale = h(
        "div",
        { class: "gauge-scale small muted", "aria-hidden": "true" },
        scaleFrom,
        tickName,
        scaleTo,
    );
    const element = h(
        "section",
        { class: "card gauge" },
        h("h2", { class: "card-title" }, options.title),
        h("div", { class: "gauge-head" }, figure, verdict),
        bar,
        scale,
        detail,
    );

    // Where the value isn't known yet the scale stands alone.
    function place(value: number | null): void {
        const [low, high] = ends(value ?? options.to, options.from, options.to);
        const at = (point: number) => `${((100 * (point - low)) / (high - low)).toFixed(2)}%`;
        setStyle(element, "--value", value === null ? "0%" : at(value));
        setStyle(element, "--threshold", at(options.threshold));
        setText(scaleFrom, percent(low, 0));
        setText(scaleTo, percent(high, 0));
        set(bar, { "aria-valuemin": low, "aria-valuemax": high, "aria-valuenow": value });
    }

    place(null);
    return {
        element,
        update: (value, people, population) => {
            setText(figure, show.share(value));
            if (
                value === null ||
                value === undefined ||
                people === null ||
                people === undefined ||
                !population
            ) {
                setText(verdict, "");
                return;
            }
            const spare = peopleToSpare(people, population, options.threshold);
            const passed = spare >= 0;
            place(value);
            element.dataset["passed"] = String(passed);
            verdict.className = `verdict chip ${passed ? "tone-good" : "tone-bad"}`;
            setText(
                verdict,
                `${passed ? "✓" : "▼"} ${say(passed ? "gauge.passed" : "gauge.missed", {
                    threshold: percent(options.threshold, 0),
                })}`,
            );
            const text = say(passed ? "gauge.spare" : "gauge.missing", { count: Math.abs(spare) });
            setText(
                detail,
                `${say("gauge.of", { people: number(people), population: number(population) })} ${text}`,
            );
            set(bar, { "aria-valuetext": `${percent(value)}; ${verdict.textContent}; ${text}` });
        },
    };
}
