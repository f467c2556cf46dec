// spark.ts - layoffs as they arrive: a column for each ten seconds of the last ten minutes, newest right.
import { h, set, setText, svg } from "../../shared/dom.ts";
import { number } from "../../shared/i18n.ts";
import { say } from "../words.ts";

const COLUMNS = 60;
const COLUMN_MS = 10_000;
const HEIGHT = 120;
const STEP = 10;

// How many came in each interval, oldest first; a gap in the figures counts where it ended.
export function arrivals(samples: readonly { at: number; count: number }[], now: number): number[] {
    const columns = new Array<number>(COLUMNS).fill(0);
    const first = Math.floor(now / COLUMN_MS) - COLUMNS + 1;
    samples.forEach((sample, index) => {
        const before = samples[index - 1];
        const column = Math.floor(sample.at / COLUMN_MS) - first;
        if (before && column >= 0 && column < COLUMNS) {
            columns[column] = (columns[column] ?? 0) + Math.max(0, sample.count - before.count);
        }
    });
    return columns;
}

export function createSpark(title: string): {
    element: HTMLElement;
    update(samples: readonly { at: number; count: number }[], now: number): void;
} {
    const bars = Array.from({ length: COLUMNS }, (_, index) =>
        svg("rect", {
            x: index * STEP + 1,
            width: STEP - 2,
            y: HEIGHT,
            height: 0,
            rx: 2,
            class: "spark-bar",
        }),
    );
    const top = h("p", { class: "small muted" });
    const drawing = svg(
        "svg",
        {
            viewBox: `0 0 ${COLUMNS * STEP} ${HEIGHT + 1}`,
            preserveAspectRatio: "none",
            role: "img",
            "aria-label": title,
            class: "spark",
        },
        svg("line", { x1: 0, x2: COLUMNS * STEP, y1: HEIGHT + 0.5, y2: HEIGHT + 0.5, class: "spark-line" }),
        bars,
    );
    return {
        element: h(
            "div",
            { class: "spark-box" },
            drawing,
            h(
                "p",
                { class: "small muted spread", "aria-hidden": "true" },
                h("span", {}, say("spark.from")),
                h("span", {}, say("spark.to")),
            ),
            top,
        ),
        update: (samples, now) => {
            const columns = arrivals(samples, now);
            const most = Math.max(...columns);
            columns.forEach((value, index) => {
                const height = most ? (HEIGHT * value) / most : 0;
                set(bars[index] as SVGRectElement, { y: HEIGHT - height, height });
            });
            setText(top, most ? say("spark.most", { count: number(most) }) : say("spark.none"));
        },
    };
}
