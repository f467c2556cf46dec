// dashboard.test.ts - what the dashboard computes from the figures: percentages, gauges, map, trend, surge.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { BLOCKS, MAP_BANDS, MAP_COLUMNS } from "../src/dashboard/layout.ts";
import { cityNow, countsByCode, emptyModel, forgetFigures, percentOf } from "../src/dashboard/model.ts";
import { layoffSpeed, layoffsPerMinute, polledFreshness, takeTotals } from "../src/dashboard/model.ts";
import { budgetLineName, kindName } from "../src/dashboard/names.ts";
import { ends, peopleToSpare } from "../src/dashboard/parts/gauge.ts";
import { billingRemark, budgetVerdict } from "../src/dashboard/parts/money.ts";
import { arrivals } from "../src/dashboard/parts/spark.ts";
import { nearest } from "../src/dashboard/parts/tile_map.ts";
import { rangeOf } from "../src/dashboard/parts/trend.ts";
import { SCALES, stepOf } from "../src/dashboard/scale.ts";
import type { Billing, Regions, StreamTotals } from "../src/dashboard/types.ts";
import { isNewer } from "../src/dashboard/version.ts";
import { paymentState } from "../src/dashboard/views/bills.ts";
import { monthAfter, monthsOf } from "../src/dashboard/views/tasks.ts";
import { compareValues } from "../src/shared/table.ts";

const ROOT = `${process.cwd()}/../../..`;

function kelurahanByKecamatan(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const line of readFileSync(`${ROOT}/deploy/tangerang/regions.csv`, "utf8").split("\n")) {
        const kecamatan = /^\d{10},[^,]*,(\d{6}),/.exec(line)?.[1];
        if (kecamatan) counts.set(kecamatan, (counts.get(kecamatan) ?? 0) + 1);
    }
    return counts;
}

function stream(laidOff: number, asOfMs: number, day = "2026-11-22"): StreamTotals {
    const flows = { laid_off: laidOff } as StreamTotals["city"]["flows_today"];
    return {
        day,
        as_of_ms: asOfMs,
        columns: ["grace", "code", "active", "registered", "city_paid"],
        rows: [[0, "3671051004", null, 19_354, 3_818]],
        city: {
            code: "3671",
            name: "Kota Tangerang",
            population: 10,
            registered: 9,
            active: 8,
            flows_today: flows,
        },
    } as unknown as StreamTotals;
}

test("every kecamatan has a block on the map, wide and long enough, and no block lies on another", () => {
    const counts = kelurahanByKecamatan();
    assert.equal(counts.size, 13);
    assert.deepEqual(new Set(BLOCKS.map((block) => block.kecamatan)), new Set(counts.keys()));
    const taken = new Set<string>();
    for (const block of BLOCKS) {
        assert.ok(block.column >= 1 && block.column + block.wide - 1 <= MAP_COLUMNS, block.kecamatan);
        assert.ok(block.row >= 1 && block.row + block.bands - 1 <= MAP_BANDS, block.kecamatan);
        for (let row = block.row; row < block.row + block.bands; row += 1) {
            for (let column = block.column; column < block.column + block.wide; column += 1) {
                assert.ok(
                    !taken.has(`${row}.${column}`),
                    `${block.kecamatan} lies on another at ${row}.${column}`,
                );
                taken.add(`${row}.${column}`);
            }
        }
    }
});

test("percentages are rounded half up to hundredths, as the services do, and never clamped", () => {
    assert.equal(percentOf(1_944_039, 1_957_349), 99.32);
    assert.equal(percentOf(1_982_904, 1_968_925), 100.71);
    assert.equal(percentOf(12_345, 1_000_000), 1.23);
    assert.equal(percentOf(1_005, 20_000), 5.03);
    assert.equal(percentOf(0, 5), 0);
    assert.equal(percentOf(null, 5), null);
    assert.equal(percentOf(5, 0), null);
});

test("columns of the stream are found by name, whatever their order", () => {
    assert.deepEqual(countsByCode(stream(0, 0)).get("3671051004"), [19_354, null, 3_818, 0]);
});

test("UHC wants more than the threshold: exactly 98 per cent misses it by one person", () => {
    assert.equal(peopleToSpare(98, 100, 98), -1);
    assert.equal(peopleToSpare(99, 100, 98), 0);
    assert.equal(peopleToSpare(1_944_039, 1_957_349, 98), 1_944_039 - 1_918_203);
});

test("a gauge's ends give way to a value outside them", () => {
    assert.deepEqual(ends(99.32, 94, 102), [94, 102]);
    assert.deepEqual(ends(42.5, 70, 100), [41, 100]);
    assert.deepEqual(ends(103.2, 94, 102), [94, 104]);
});

test("a value on the threshold is coloured as above it, a withheld one not at all", () => {
    assert.equal(stepOf(79.99, SCALES.active), 3);
    assert.equal(stepOf(80, SCALES.active), 4);
    assert.equal(stepOf(0, SCALES.active_difference), 4);
    assert.equal(stepOf(120, SCALES.registered), 6);
    assert.equal(stepOf(null, SCALES.active), 0);
});

test("the layoffs' speed is over the last minute, and unknown before two seconds have passed", () => {
    const model = emptyModel();
    takeTotals(model, stream(100, 1_000_000));
    assert.equal(layoffsPerMinute(model.layoffs, 1, 1_001_000), null);
    takeTotals(model, stream(160, 1_030_000));
    assert.equal(layoffsPerMinute(model.layoffs, 1, 1_030_000), 120);
    assert.equal(layoffsPerMinute(model.layoffs, 1, 1_060_000), 60);
    assert.equal(layoffsPerMinute(model.layoffs, 1, 1_090_000), 0);
});

test("a surge that is over is seen to be over, though no figures come any more", () => {
    const model = emptyModel();
    model.stream.state = "live";
    takeTotals(model, stream(100, 1_000_000), 5_000);
    takeTotals(model, stream(160, 1_030_000), 35_000);
    assert.equal(layoffSpeed(model, 35_000), 120);
    assert.equal(layoffSpeed(model, 35_000 + 61_000), 0);
    const columns = arrivals(model.layoffs, cityNow(model, 35_000 + 61_000));
    assert.equal(columns.at(-1), 0);
    assert.equal(columns.at(-7), 60);
});

test("what is not heard has no speed, and its clock stands still", () => {
    const model = emptyModel();
    model.stream.state = "live";
    takeTotals(model, stream(100, 1_000_000), 5_000);
    takeTotals(model, stream(160, 1_030_000), 35_000);
    assert.equal(cityNow(model, 40_000), 1_035_000);
    model.stream.state = "disconnected";
    assert.equal(layoffSpeed(model, 100_000), null);
    assert.equal(cityNow(model, 100_000), 1_035_000);
    model.stream.state = "polling";
    assert.equal(cityNow(model, 100_000), 1_095_000);
});

test("the clock follows the figures that came soonest, not those that were late", () => {
    const model = emptyModel();
    model.stream.state = "live";
    takeTotals(model, stream(1, 1_000_000), 1_000);
    takeTotals(model, stream(1, 1_010_000), 19_000);
    assert.equal(cityNow(model, 20_000), 1_019_000);
});

test("figures that were asked for are as fresh as the gateway says they are", () => {
    const since = new Date("2026-11-22T07:00:00Z");
    const stale_since = "2026-11-22T14:23:43+07:00";
    assert.deepEqual(polledFreshness(null, since), { state: "disconnected", since });
    assert.deepEqual(polledFreshness({ stale_since: null }, since), { state: "polling", since });
    const away = { state: "away", since: new Date("2026-11-22T07:23:43Z") };
    assert.deepEqual(polledFreshness({ stale_since }, since), away);
});

test("nothing that an officer saw stays when the session ends, what everybody may see does", () => {
    const model = emptyModel();
    const regions = { city: {}, kecamatan: [], kelurahan: [] } as unknown as Regions;
    const source = { population_as_of: "2026-06-30", population_source: "Dukcapil" };
    Object.assign(model, { regions, source, history: { days: [] }, budget: { year: 2026 } });
    takeTotals(model, stream(7, 1_000_000));
    model.stream.state = "ended";
    forgetFigures(model);
    assert.deepEqual(model, { ...emptyModel(), regions, source, stream: model.stream });
    assert.equal(model.stream.state, "ended");
});

test("a page is old where the gateway names other files; a login page of a network is no new version", () => {
    const page = (...paths: string[]) => paths.map((path) => `<script src="${path}"></script>`).join("\n");
    const own = ["/assets/early-0a1b2c3d4e5f.js", "/assets/dashboard-0a1b2c3d4e5f.js"];
    assert.equal(isNewer(own, page(...own)), false);
    assert.equal(isNewer(own, page(own[0] as string, "/assets/dashboard-ffffffffffff.js")), true);
    assert.equal(isNewer(own, "<html><title>Hotel</title>Please log in.</html>"), false);
});

test("a new day begins its layoffs at nought", () => {
    const model = emptyModel();
    takeTotals(model, stream(500, 1_000_000));
    takeTotals(model, stream(3, 1_060_000, "2026-11-23"));
    assert.deepEqual(model.layoffs, [{ at: 1_060_000, count: 3 }]);
});

test("arrivals fall into the interval in which they were told; what was there before is not counted", () => {
    const now = 100 * 10_000 + 5_000;
    const columns = arrivals(
        [
            { at: now - 30_000, count: 1_000 },
            { at: now - 20_000, count: 1_007 },
            { at: now, count: 1_010 },
        ],
        now,
    );
    assert.deepEqual(columns.slice(-4), [0, 7, 0, 3]);
    assert.equal(columns.length, 60);
});

test("arrow keys go to the tile straight ahead before one nearer but aside", () => {
    const box = (x: number, y: number) => ({ x, y, width: 10, height: 10 }) as DOMRect;
    const others = [box(40, 0), box(12, 25), box(-12, 0)];
    assert.equal(nearest(box(0, 0), others, 1, 0), 0);
    assert.equal(nearest(box(0, 0), others, -1, 0), 2);
    assert.equal(nearest(box(0, 0), others, 0, -1), -1);
});

test("the trend's axis shows the threshold where it is near, and has room where nothing moves", () => {
    const [low, high] = rangeOf([90.98, 90.98], 80);
    assert.ok(low < 90.98 && high > 90.98 && low > 80);
    assert.ok(rangeOf([98.4, 99.4], 98)[0] < 98);
});

test("months go on over the year's end", () => {
    assert.equal(monthAfter("2026-11", 2), "2027-01");
    assert.equal(monthAfter("2026-01", -1), "2025-12");
    assert.equal(monthAfter("2026-12", 0), "2026-12");
});

const billed = {
    month: "2026-10",
    closed: true,
    owed: 1_000,
    paid: 0,
    due_date: "2026-11-10",
    overdue: false,
    invoice_hash: null,
};

test("only months that there are can be chosen: the closed ones and the open one, newest first", () => {
    assert.deepEqual(monthsOf({ open_month: "2026-11", bills: [] }), ["2026-11"]);
    const bills = [
        { ...billed, month: "2026-09" },
        { ...billed, month: "2026-11", closed: false },
        { ...billed, month: "2026-10" },
    ];
    assert.deepEqual(monthsOf({ open_month: "2026-11", bills }), ["2026-11", "2026-10", "2026-09"]);
});

test("a month that is paid in part is neither paid nor unpaid, and stays overdue", () => {
    assert.equal(paymentState(billed), "due");
    assert.equal(paymentState({ ...billed, paid: 1 }), "part");
    assert.equal(paymentState({ ...billed, paid: 999, overdue: true }), "overdue_part");
    assert.equal(paymentState({ ...billed, overdue: true }), "overdue");
    assert.equal(paymentState({ ...billed, paid: 1_000 }), "paid");
    assert.equal(paymentState({ ...billed, owed: 0 }), "paid");
});

test("withheld figures come last, whichever way a table is sorted", () => {
    const values = [3, null, 1];
    assert.deepEqual(
        [...values].sort((one, other) => compareValues(one, other, 1)),
        [1, 3, null],
    );
    assert.deepEqual(
        [...values].sort((one, other) => compareValues(one, other, -1)),
        [3, 1, null],
    );
});

test("a minute of the surge is kept however often the stream speaks", () => {
    const model = emptyModel();
    for (let at = 0; at <= 600_000; at += 50) takeTotals(model, stream(at / 50, 5_000_000 + at));
    assert.ok(model.layoffs.length <= 1200);
    assert.equal(model.layoffs.at(-1)?.count, 12_000);
    const speed = layoffsPerMinute(model.layoffs, 1, 5_600_000) ?? 0;
    assert.ok(Math.abs(speed - 1_200) <= 20, `${speed}`); // to what one second brings
    const columns = arrivals(model.layoffs, 5_600_000).slice(0, -1);
    assert.ok(Math.max(...columns) <= 220 && Math.min(...columns.slice(1)) >= 180);
});

test("arrears whose sum is withheld are told by their months", () => {
    const billing = { running: true, complete: true, failures: 0, lag_records: 0 } as Billing;
    assert.equal(billingRemark({ ...billing, arrears: 0, arrears_months: 0 }), "");
    assert.equal(billingRemark({ ...billing, arrears: null, arrears_months: 0 }), "");
    assert.equal(billingRemark({ ...billing, arrears: null, arrears_months: 2 }), "Tunggakan 2 bulan.");
    const known = billingRemark({ ...billing, arrears: 37_800, arrears_months: 2 });
    assert.equal(known, "Tunggakan Rp\u00a037.800.");
});

test("the budget line that runs out is named in words, not by its code", () => {
    const sums = { ceiling: 9, spent: 1, committed: 0, forecast: 8 };
    const line = { ...sums, runs_out_month: null, runs_out_date: null };
    const ending = { ...line, runs_out_date: "2026-12-10" };
    const lines = { iuran: line, "bantuan iuran": ending, both: line };
    const verdict = budgetVerdict({ year: 2026, lines, months: [] });
    assert.equal(verdict.text, "Saat anggaran bantuan iuran habis");
    assert.equal(budgetLineName("bantuan iuran"), "Bantuan iuran");
    assert.equal(budgetLineName(null), "–");
    assert.equal(kindName("ENROL_VULNERABLE"), "Pendaftaran warga rentan");
});
