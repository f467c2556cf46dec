// regions.ts - 13 kecamatan and 104 kelurahan, as a table that sorts and as the tile map beside it.
import { h, setText, uniqueId } from "../../shared/dom.ts";
import { createTable, type Column } from "../../shared/table.ts";
import type { Context, View } from "../context.ts";
import type { Model, Place } from "../model.ts";
import { below } from "../model.ts";
import { card, choice } from "../parts/card.ts";
import { createTileMap } from "../parts/tile_map.ts";
import * as show from "../show.ts";
import { say } from "../words.ts";

const LEVELS = ["kecamatan", "kelurahan"] as const;
type Level = (typeof LEVELS)[number];

const REGISTERED_OVER = 98;
const ACTIVE_OVER = 80;

function mark(value: number | null, over: number): string {
    return value !== null && value <= over ? `▼ ${show.share(value)}` : show.share(value);
}

const warn = (value: number | null, over: number): string =>
    value !== null && value <= over ? "tone-bad-text" : "";

function columns(level: Level): Column<Place>[] {
    const count = (key: string, title: string, value: (row: Place) => number | null): Column<Place> => ({
        key,
        title,
        numeric: true,
        value,
        text: (row) => show.count(value(row)),
    });
    const name: Column<Place> = {
        key: "name",
        title: say("column.name"),
        heading: true,
        value: (row) => row.name,
    };
    const parent: Column<Place> = {
        key: "kecamatan",
        title: say("column.kecamatan"),
        value: (row) => row.kecamatanName,
    };
    return [
        name,
        ...(level === "kelurahan" ? [parent] : []),
        {
            key: "registered_percent",
            title: say("column.registered_percent"),
            numeric: true,
            value: (row) => row.registeredPercent,
            text: (row) => mark(row.registeredPercent, REGISTERED_OVER),
            class: (row) => warn(row.registeredPercent, REGISTERED_OVER),
        },
        {
            key: "active_percent",
            title: say("column.active_percent"),
            numeric: true,
            value: (row) => row.activePercent,
            text: (row) => mark(row.activePercent, ACTIVE_OVER),
            class: (row) => warn(row.activePercent, ACTIVE_OVER),
        },
        count("population", say("column.population"), (row) => row.population),
        count("registered", say("column.registered"), (row) => row.registered),
        count("active", say("column.active"), (row) => row.active),
        count("city_paid", say("column.city_paid"), (row) => row.cityPaid),
        count("grace", say("column.grace"), (row) => row.grace),
    ];
}

export function regions(_context: Context): View {
    let level: Level = "kecamatan";
    let model: Model | null = null;
    let wanted = "";
    const tables = new Map(
        LEVELS.map((each) => [
            each,
            createTable<Place>({
                caption: say(`regions.table.${each}`),
                captionHidden: true,
                columns: columns(each),
                rowKey: (row) => row.code,
                sort: { key: "name" },
                empty: say("regions.none"),
            }),
        ]),
    );
    const map = createTileMap((place) => {
        search.value = place.name;
        wanted = place.name.toLowerCase();
        show_("kelurahan");
    });
    const searchId = uniqueId("search");
    const search = h("input", { id: searchId, type: "search", autocomplete: "off" });
    const summary = h("p", { class: "small muted", role: "status" });

    const levels = choice(
        say("regions.level"),
        LEVELS,
        (value) => say(`regions.${value}`),
        (value) => show_(value),
        level,
    );

    function show_(next: Level): void {
        level = next;
        const buttons = [...levels.querySelectorAll("button")];
        buttons.forEach((button, index) =>
            button.setAttribute("aria-pressed", String(LEVELS[index] === next)),
        );
        for (const [each, table] of tables) table.element.hidden = each !== level;
        draw();
    }

    function draw(): void {
        if (!model) return;
        const all = level === "kecamatan" ? model.kecamatan : model.kelurahan;
        const rows = all.filter(
            (row) => !wanted || `${row.name} ${row.kecamatanName}`.toLowerCase().includes(wanted),
        );
        tables.get(level)?.update(rows);
        setText(
            summary,
            [
                say("table.rows", { count: rows.length }),
                say("regions.below", {
                    registered: below(all, (row) => row.registeredPercent, REGISTERED_OVER).length,
                    active: below(all, (row) => row.activePercent, ACTIVE_OVER).length,
                }),
            ].join(" · "),
        );
    }

    search.addEventListener("input", () => {
        wanted = search.value.trim().toLowerCase();
        draw();
    });
    const element = h(
        "div",
        { class: "regions" },
        card(
            say("regions.title"),
            "table-card",
            h(
                "div",
                { class: "actions spread" },
                levels,
                h(
                    "label",
                    { for: searchId, class: "field search" },
                    h("span", { class: "visually-hidden" }, say("table.filter")),
                    search,
                ),
            ),
            summary,
            [...tables.values()].map((table) => table.element),
        ),
        card(say("map.title"), "map-card", map.element),
    );
    search.placeholder = say("table.filter");
    show_(level);
    return {
        element,
        update: (next) => {
            model = next;
            draw();
            map.update(next);
        },
    };
}
