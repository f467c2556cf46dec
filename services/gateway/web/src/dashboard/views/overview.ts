// overview.ts - the city at one look: the wall's view.
import { h } from "../../shared/dom.ts";
import type { Context, View } from "../context.ts";
import { card } from "../parts/card.ts";
import { createFlows } from "../parts/flows.ts";
import { createGauge } from "../parts/gauge.ts";
import { createBill, createBudgetCard, createCityPaid } from "../parts/money.ts";
import { createSegments } from "../parts/segments.ts";
import { createTileMap } from "../parts/tile_map.ts";
import { createTrend } from "../parts/trend.ts";
import { say } from "../words.ts";

export function overview(context: Context): View {
    const registered = createGauge({ title: say("gauge.registered"), threshold: 98, from: 94, to: 102 });
    const active = createGauge({ title: say("gauge.active"), threshold: 80, from: 70, to: 100 });
    const figures = [createCityPaid(), createBill(), createBudgetCard(context.signIn)];
    const map = createTileMap(() => undefined);
    const trend = createTrend();
    const segments = createSegments();
    const flows = createFlows();
    const element = h(
        "div",
        { class: "overview" },
        h(
            "div",
            { class: "headline" },
            registered.element,
            active.element,
            figures.map((part) => part.element),
        ),
        card(say("map.title"), "map-card", map.element),
        card(say("trend.title"), "trend-card", trend.element),
        card(say("segments.title"), "segments-card", segments.element),
        card(say("flows.title"), "flows-card", flows.element),
    );
    return {
        element,
        update: (model) => {
            const city = model.totals?.city;
            registered.update(city?.registered_percent, city?.registered, city?.population);
            active.update(city?.active_percent, city?.active, city?.population);
            for (const part of [...figures, map, trend, segments, flows]) part.update(model);
        },
        close: trend.close,
    };
}
