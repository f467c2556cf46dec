// trend.ts - a figure by day, drawn by uPlot; today's point moves with the stream. The same days as a table
// for whoever can't see the curve.
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { h, replace, setText } from "../../shared/dom.ts";
import { day, number, percent, signedNumber } from "../../shared/i18n.ts";
import { createTable } from "../../shared/table.ts";
import { onTheme, token } from "../../shared/theme.ts";
import type { Model } from "../model.ts";
import { say } from "../words.ts";
import { choice } from "./card.ts";

const KINDS = ["active_percent", "registered_percent", "city_paid"] as const;
type Kind = (typeof KINDS)[number];
const SPANS = ["30", "90", "365"] as const;

interface Point {
    date: string;
    value: number;
}

const THRESHOLDS: Partial<Record<Kind, number>> = { active_percent: 80, registered_percent: 98 };
const DAY_S = 86_400;

const secondsOf = (date: string): number => Date.parse(`${date}T00:00:00Z`) / 1000;
const textOf = (kind: Kind, value: number): string => (kind === "city_paid" ? number(value) : percent(value));

export function pointsOf(model: Model, kind: Kind, days: number): Point[] {
    const points: Point[] = [];
    for (const entry of model.history?.days ?? []) {
        const value = entry.regions.find((region) => region.code === model.city?.code)?.[kind];
        if (typeof value === "number") points.push({ date: entry.date, value });
    }
    const city = model.totals?.city;
    const now = city?.[kind];
    if (model.totals && typeof now === "number") {
        if (points.at(-1)?.date === model.totals.day) points.pop();
        points.push({ date: model.totals.day, value: now });
    }
    return points.slice(-days);
}

// Small text in pixels, as the page has it: a wall shows everything larger.
function smallTextPx(): number {
    return 0.75 * Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
}

// The axis' ends: the values with some air around, the threshold where it is near.
export function rangeOf(values: readonly number[], threshold: number | undefined): [number, number] {
    const low = Math.min(...values);
    const high = Math.max(...values);
    const span = Math.max(high - low, Math.abs(high) * 0.002, 0.2);
    const near = threshold !== undefined && threshold < low && low - threshold < span * 2;
    return [near ? threshold - span * 0.15 : low - span * 0.25, high + span * 0.25];
}

export interface Trend {
    element: HTMLElement;
    update(model: Model): void;
    close(): void;
}

export function createTrend(): Trend {
    let kind: Kind = "active_percent";
    let days = 30;
    let model: Model | null = null;
    let chart: uPlot | null = null;
    let drawn = "";
    let shown = "";
    const frame = h("div", { class: "chart" });
    const figure = h("div", { role: "img", class: "chart-figure" }, frame);
    const summary = h("p", { class: "small muted" });
    const table = createTable<Point>({
        caption: say("trend.table"),
        captionHidden: true,
        columns: [
            {
                key: "date",
                title: say("column.day"),
                heading: true,
                value: (row) => row.date,
                text: (row) => day(row.date),
            },
            {
                key: "value",
                title: say("column.value"),
                numeric: true,
                value: (row) => row.value,
                text: (row) => textOf(kind, row.value),
            },
        ],
        rowKey: (row) => row.date,
        sort: { key: "date", descending: true },
        empty: say("trend.empty"),
    });
    const fold = h("details", { class: "fold" }, h("summary", {}, say("trend.as_table")), table.element);

    function options(width: number, height: number, threshold: number | undefined): uPlot.Options {
        const textPx = smallTextPx();
        const axis = {
            stroke: token("--ink-soft"),
            font: `${textPx}px ${token("--font")}`,
            ticks: { show: false },
        };
        const color = token("--chart-1");
        return {
            width,
            height,
            padding: [12, 24, 0, 0], // half of the last day's name stands to the right
            legend: { show: false },
            cursor: { y: false, points: { size: 9 } },
            scales: {
                x: { time: false },
                y: { range: (_chart, low, high) => rangeOf([low, high], threshold) },
            },
            axes: [
                {
                    ...axis,
                    grid: { show: false },
                    size: 2.6 * textPx,
                    incrs: [DAY_S, 2 * DAY_S, 7 * DAY_S, 14 * DAY_S, 30 * DAY_S, 60 * DAY_S],
                    space: 6 * textPx,
                    values: (_chart, splits) =>
                        splits.map((at) => day(new Date(at * 1000).toISOString().slice(0, 10), "tiny")),
                },
                {
                    ...axis,
                    size: (kind === "city_paid" ? 5.5 : 5) * textPx,
                    space: 3.5 * textPx,
                    grid: { stroke: token("--chart-grid"), width: 1 },
                    values: (_chart, splits, _axis, _space, step) =>
                        splits.map((value) =>
                            kind === "city_paid" ? number(value) : percent(value, step < 0.1 ? 2 : 1),
                        ),
                },
            ],
            series: [
                {},
                {
                    stroke: color,
                    width: 2.5,
                    fill: `${color}1f`,
                    points: { size: 6, fill: color },
                    spanGaps: true,
                },
            ],
            hooks: {
                drawAxes: [(self) => threshold !== undefined && drawThreshold(self, threshold)],
                setCursor: [(self) => tell(self.cursor.idx ?? null)],
            },
        };
    }

    function drawThreshold(self: uPlot, threshold: number): void {
        const y = self.valToPos(threshold, "y", true);
        if (y < self.bbox.top || y > self.bbox.top + self.bbox.height) return;
        const { ctx, bbox } = self;
        ctx.save();
        ctx.strokeStyle = token("--chart-2");
        ctx.lineWidth = 2 * devicePixelRatio;
        ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
        ctx.beginPath();
        ctx.moveTo(bbox.left, y);
        ctx.lineTo(bbox.left + bbox.width, y);
        ctx.stroke();
        ctx.fillStyle = token("--chart-2");
        ctx.font = `600 ${smallTextPx() * devicePixelRatio}px ${token("--font")}`;
        ctx.fillText(
            say("trend.threshold", { value: percent(threshold, 0) }),
            bbox.left + 6,
            y - 6 * devicePixelRatio,
        );
        ctx.restore();
    }

    function tell(index: number | null): void {
        const points = model ? pointsOf(model, kind, days) : [];
        const point = index === null ? undefined : points[index];
        if (point) setText(summary, `${day(point.date)}: ${textOf(kind, point.value)}`);
        else setText(summary, describe(points));
    }

    function describe(points: Point[]): string {
        const first = points[0];
        const last = points.at(-1);
        if (!first || !last) return say("trend.empty");
        if (points.length === 1)
            return say("trend.single", { day: day(last.date), value: textOf(kind, last.value) });
        const change = last.value - first.value;
        return say("trend.summary", {
            from: day(first.date, "tiny"),
            first: textOf(kind, first.value),
            to: day(last.date, "tiny"),
            last: textOf(kind, last.value),
            change:
                kind === "city_paid"
                    ? signedNumber(change)
                    : say("map.points", { value: signedNumber(Math.round(change * 100) / 100) }),
        });
    }

    function draw(): void {
        if (!model) return;
        const points = pointsOf(model, kind, days);
        const last = points.at(-1)?.value;
        const width = Math.floor(frame.clientWidth);
        const height = Math.floor(frame.clientHeight);
        figure.setAttribute("aria-label", `${say(`trend.kind.${kind}`)}. ${describe(points)}`);
        figure.hidden = points.length < 2;
        if (chart?.cursor.idx === null || !chart) setText(summary, describe(points));
        if (fold.open) table.update(points);
        if (points.length < 2 || !width) return;
        const data: uPlot.AlignedData = [
            points.map((point) => secondsOf(point.date)),
            points.map((point) => point.value),
        ];
        const shape = `${kind} ${width} ${height} ${document.documentElement.dataset["theme"]}`;
        const now = `${points.length} ${last}`;
        if (chart && drawn === shape && shown === now) return;
        shown = now;
        if (chart && drawn === shape) return chart.setData(data);
        chart?.destroy();
        replace(frame);
        chart = new uPlot(options(width, height, THRESHOLDS[kind]), data, frame);
        drawn = shape;
    }

    const sized = new ResizeObserver(draw);
    sized.observe(frame);
    const unsubscribe = onTheme(draw);
    fold.addEventListener("toggle", draw);
    const kinds = choice(
        say("trend.choose"),
        KINDS,
        (value) => say(`trend.kind.${value}`),
        (value) => {
            kind = value;
            draw();
        },
        kind,
    );
    const spans = choice(
        say("trend.span"),
        SPANS,
        (value) => say("trend.days", { count: Number(value) }),
        (value) => {
            days = Number(value);
            draw();
        },
        "30",
    );
    return {
        element: h(
            "div",
            { class: "trend" },
            h("div", { class: "actions" }, kinds, spans),
            figure,
            summary,
            fold,
        ),
        update: (next) => {
            model = next;
            draw();
        },
        close: () => {
            unsubscribe();
            sized.disconnect();
            chart?.destroy();
        },
    };
}
