// tile_map.ts - the city as tiles: a tile a kelurahan, grouped by kecamatan and placed roughly as they lie.
// Arrow keys walk over the map; every tile says its name and figures. Colour repeats what the number says.
import { h, replace, set, setStyle, setText } from "../../shared/dom.ts";
import { number, percent, points } from "../../shared/i18n.ts";
import { BLOCKS } from "../layout.ts";
import type { Model, Place } from "../model.ts";
import { MEASURES, SCALES, measureOf, stepOf, type Measure } from "../scale.ts";
import * as show from "../show.ts";
import { say } from "../words.ts";
import { choice } from "./card.ts";

export interface TileMap {
    element: HTMLElement;
    update(model: Model): void;
}

interface Tile {
    button: HTMLButtonElement;
    value: HTMLElement;
}

const shortValue = (measure: Measure, value: number | null): string => {
    if (value === null) return "·";
    return SCALES[measure].difference ? points(value) : percent(value, 1).replace("%", "");
};

// What is read aloud begins with what is seen: the same digits.
const wholeValue = (measure: Measure, value: number | null): string => {
    if (value === null) return say("withheld");
    return SCALES[measure].difference ? say("map.points", { value: points(value) }) : percent(value, 1);
};

// The tile nearest to this one in a direction, by the middle of each on the screen.
export function nearest(from: DOMRect, others: readonly DOMRect[], dx: number, dy: number): number {
    const middle = (box: DOMRect) => [box.x + box.width / 2, box.y + box.height / 2] as const;
    const [x, y] = middle(from);
    let best = -1;
    let bestCost = Infinity;
    others.forEach((box, index) => {
        const [ox, oy] = middle(box);
        const along = (ox - x) * dx + (oy - y) * dy;
        const aside = Math.abs((ox - x) * dy) + Math.abs((oy - y) * dx);
        const cost = along + 2.5 * aside;
        if (along > 2 && cost < bestCost) [best, bestCost] = [index, cost];
    });
    return best;
}

const DIRECTIONS: Record<string, readonly [number, number]> = {
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
    ArrowUp: [0, -1],
    ArrowDown: [0, 1],
};

export function createTileMap(onSelect: (place: Place) => void): TileMap {
    let measure: Measure = "active";
    let model: Model | null = null;
    let selected = "";
    let withheld: HTMLElement | null = null;
    const tiles = new Map<string, Tile>();
    const grid = h("div", { class: "map-grid" });
    const legend = h("ul", { class: "legend" });
    const detail = h("div", { class: "map-detail", "aria-live": "polite" });
    const note = h("p", { class: "small muted map-note" }, say("map.note"));

    function walk(event: KeyboardEvent): void {
        const direction = DIRECTIONS[event.key];
        const code = (event.target as HTMLElement).dataset["code"];
        if (!direction || !code) return;
        event.preventDefault();
        const others = [...tiles].filter(([other]) => other !== code);
        const boxes = others.map(([, tile]) => tile.button.getBoundingClientRect());
        const from = (event.target as HTMLElement).getBoundingClientRect();
        const index = nearest(from, boxes, direction[0], direction[1]);
        const next = others[index];
        if (next) focusTile(next[0]);
    }

    function focusTile(code: string): void {
        for (const [other, tile] of tiles) set(tile.button, { tabindex: other === code ? 0 : -1 });
        tiles.get(code)?.button.focus();
    }

    function makeTile(place: Place, first: boolean): HTMLElement {
        const value = h("span", { class: "tile-value", "aria-hidden": "true" });
        const button = h("button", { type: "button", class: "tile", tabindex: first ? 0 : -1 }, value);
        button.dataset["code"] = place.code;
        button.title = place.name;
        button.addEventListener("click", () => choose(place.code));
        button.addEventListener("focus", () => describe(place.code));
        button.addEventListener("pointerenter", () => describe(place.code));
        tiles.set(place.code, { button, value });
        return button;
    }

    function makeBlocks(current: Model): void {
        let first = true;
        for (const block of BLOCKS) {
            const kecamatan = current.kecamatan.find((place) => place.code === block.kecamatan);
            const members = current.kelurahan.filter((place) => place.kecamatan === block.kecamatan);
            const group = h(
                "div",
                { class: "block", role: "group", "aria-label": kecamatan?.name },
                h("p", { class: "block-name", "aria-hidden": "true" }, kecamatan?.name),
                h(
                    "div",
                    { class: "block-tiles" },
                    members.map((place) => {
                        const tile = makeTile(place, first);
                        first = false;
                        return tile;
                    }),
                ),
            );
            for (const key of ["column", "wide", "row", "bands"] as const) {
                setStyle(group, `--${key}`, String(block[key]));
            }
            grid.append(group);
        }
    }

    function describe(code: string): void {
        const place = model?.kelurahan.find((candidate) => candidate.code === code);
        if (!place) return;
        replace(
            detail,
            h("p", { class: "map-detail-name" }, h("strong", {}, place.name), `, ${place.kecamatanName}`),
            h(
                "dl",
                { class: "pairs" },
                pair(
                    say("column.registered"),
                    `${show.share(place.registeredPercent)}`,
                    show.count(place.registered),
                ),
                pair(say("column.active"), `${show.share(place.activePercent)}`, show.count(place.active)),
                pair(say("column.city_paid"), show.count(place.cityPaid), ""),
                pair(say("column.population"), show.count(place.population), ""),
            ),
        );
    }

    function pair(name: string, value: string, more: string): HTMLElement {
        return h(
            "div",
            {},
            h("dt", {}, name),
            h("dd", {}, value, more ? h("span", { class: "muted" }, ` ${more}`) : null),
        );
    }

    function choose(code: string): void {
        selected = code;
        for (const [other, tile] of tiles) set(tile.button, { "aria-pressed": String(other === code) });
        describe(code);
        const place = model?.kelurahan.find((candidate) => candidate.code === code);
        if (place) onSelect(place);
    }

    function drawLegend(): void {
        const { bounds, difference } = SCALES[measure];
        const text = (value: number) => (difference ? points(value).replace(/[,.]00$/, "") : number(value));
        const unit = difference ? "" : "%";
        const names = [
            `< ${text(bounds[0])}${unit}`,
            ...bounds
                .slice(0, 4)
                .map((bound, index) => `${text(bound)} – ${text(bounds[index + 1] as number)}${unit}`),
            `≥ ${text(bounds[4])}${unit}`,
        ];
        const item = (name: string, step: number) =>
            h(
                "li",
                { class: step === 4 ? "from-threshold" : "" },
                h("span", { class: `swatch step-${step}`, "aria-hidden": "true" }),
                name,
            );
        withheld = item(say("withheld"), 0);
        withheld.hidden = true;
        replace(
            legend,
            names.map((name, index) => item(name, index + 1)),
            withheld,
        );
    }

    function draw(): void {
        if (!model?.city || !model.kelurahan.length) return;
        if (!tiles.size) makeBlocks(model);
        let hidden = 0;
        for (const place of model.kelurahan) {
            const tile = tiles.get(place.code);
            if (!tile) continue;
            const value = measureOf(measure, place, model.city);
            if (value === null) hidden += 1;
            tile.button.className = `tile step-${stepOf(value, SCALES[measure])}`;
            setText(tile.value, shortValue(measure, value));
            const figure = `${say(`map.measure.${measure}`)} ${wholeValue(measure, value)}`;
            set(tile.button, { "aria-label": `${place.name}, ${place.kecamatanName}: ${figure}` });
        }
        if (withheld) withheld.hidden = hidden === 0;
        if (selected && !detail.matches(":hover")) describe(selected);
    }

    grid.addEventListener("keydown", walk);
    const switcher = choice(
        say("map.choose"),
        MEASURES,
        (value) => say(`map.measure.${value}`),
        (value) => {
            measure = value;
            drawLegend();
            draw();
        },
        measure,
    );
    drawLegend();
    replace(detail, h("p", { class: "small muted" }, say("map.hint")));
    return {
        element: h(
            "div",
            { class: "map" },
            h("div", { class: "map-parts" }, switcher, grid, detail, legend, note),
        ),
        update: (next) => {
            model = next;
            draw();
        },
    };
}
