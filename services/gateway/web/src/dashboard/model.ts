// model.ts - what the page knows: the newest totals, the regions with their names, history and budget. Views
// read it; it changes when the stream speaks or an answer comes, and tells so at most once a frame.
import { dayOnClocks } from "../shared/i18n.ts";
import { currentSession } from "../shared/session.ts";
import type { Freshness } from "../shared/freshness.ts";
import type { Budget, CityTotals, Count, History, Regions, StreamTotals, TotalsTable } from "./types.ts";

export interface Place {
    code: string;
    name: string;
    kecamatan: string; // its code; "" for a kecamatan and the city
    kecamatanName: string;
    population: Count;
    registered: Count;
    active: Count;
    cityPaid: Count;
    grace: Count;
    registeredPercent: number | null;
    activePercent: number | null;
}

export interface Model {
    totals: StreamTotals | null;
    city: Place | null;
    kecamatan: Place[];
    kelurahan: Place[];
    regions: Regions | null;
    source: Pick<CityTotals, "population_as_of" | "population_source"> | null;
    history: History | null;
    budget: Budget | null;
    stream: { state: Freshness; since: Date };
    layoffs: { at: number; count: number }[]; // of the day, as the stream told them, newest last
}

const LAYOFF_SAMPLES_MAX = 1200;
const LAYOFF_SAMPLE_MS = 1000;

// In hundredths, rounded half up, as the services do it; never clamped.
export function percentOf(part: Count, whole: Count): number | null {
    if (part === null || !whole) return null;
    return Math.floor((part * 10_000) / whole + 0.5) / 100;
}

// The city's business day; before anything was heard, the day on its clocks.
export function cityToday(model: Model): string {
    return model.totals?.day ?? currentSession()?.day ?? dayOnClocks(new Date());
}

export function emptyModel(): Model {
    return {
        totals: null,
        city: null,
        kecamatan: [],
        kelurahan: [],
        regions: null,
        source: null,
        history: null,
        budget: null,
        stream: { state: "connecting", since: new Date() },
        layoffs: [],
    };
}

function place(named: { code: string; name: string; population: Count }, counts: Count[]): Place {
    const [registered = null, active = null, cityPaid = null, grace = null] = counts;
    return {
        code: named.code,
        name: named.name,
        kecamatan: "",
        kecamatanName: "",
        population: named.population,
        registered,
        active,
        cityPaid,
        grace,
        registeredPercent: percentOf(registered, named.population),
        activePercent: percentOf(active, named.population),
    };
}

// Rows of the stream by code, with the columns in the order that place() wants.
export function countsByCode(totals: Pick<StreamTotals, "columns" | "rows">): Map<string, Count[]> {
    const order = ["registered", "active", "city_paid", "grace"].map((name) => totals.columns.indexOf(name));
    const code = totals.columns.indexOf("code");
    return new Map(
        totals.rows.map((row) => [String(row[code]), order.map((index) => (row[index] ?? null) as Count)]),
    );
}

// Puts names, populations and counts together; without regions there is nothing to show yet.
export function takeTotals(model: Model, totals: StreamTotals): void {
    const newDay = model.totals !== null && model.totals.day !== totals.day;
    model.totals = totals;
    const city = totals.city;
    model.city = {
        ...place(city, [city.registered, city.active, city.city_paid, city.grace]),
        registeredPercent: city.registered_percent,
        activePercent: city.active_percent,
    };
    if (newDay) model.layoffs = [];
    const count = city.flows_today.laid_off;
    if (count !== null) sample(model.layoffs, totals.as_of_ms, count);
    joinRegions(model);
}

// What /v1/totals and its table of all levels tell, as the stream would have told it.
export function asStream(city: CityTotals, table: Pick<TotalsTable, "columns" | "rows">): StreamTotals {
    const { offset, as_of, day, city_uhc, audience, suppressed_below } = city;
    const as_of_ms = as_of ? Date.parse(as_of) : 0;
    const { columns, rows } = table;
    return { offset, as_of, as_of_ms, day, city_uhc, audience, suppressed_below, city, columns, rows };
}

// One a second at most, so that twenty minutes are kept however often the stream speaks.
function sample(samples: Model["layoffs"], at: number, count: number): void {
    const before = samples.at(-2);
    if (before && at - before.at < LAYOFF_SAMPLE_MS) samples.pop();
    samples.push({ at, count });
    if (samples.length > LAYOFF_SAMPLES_MAX) samples.splice(0, LAYOFF_SAMPLES_MAX / 4);
}

export function joinRegions(model: Model): void {
    const { regions, totals } = model;
    if (!regions || !totals) return;
    const counts = countsByCode(totals);
    const names = new Map(regions.kecamatan.map((region) => [region.code, region.name]));
    model.kecamatan = regions.kecamatan.map((region) => place(region, counts.get(region.code) ?? []));
    model.kelurahan = regions.kelurahan.map((region) => ({
        ...place(region, counts.get(region.code) ?? []),
        kecamatan: region.kecamatan,
        kecamatanName: names.get(region.kecamatan) ?? "",
    }));
}

// Layoffs a minute over the last minutes, by the times of the figures themselves.
export function layoffsPerMinute(samples: Model["layoffs"], minutes: number): number | null {
    const last = samples.at(-1);
    if (!last) return null;
    const from = samples.find((sample) => sample.at >= last.at - minutes * 60_000);
    if (!from || last.at - from.at < 2_000) return null;
    return ((last.count - from.count) * 60_000) / (last.at - from.at);
}

// Places below a threshold, for those who have to act; withheld ones are not counted.
export function below(
    places: readonly Place[],
    value: (place: Place) => number | null,
    limit: number,
): Place[] {
    return places.filter((candidate) => {
        const percent = value(candidate);
        return percent !== null && percent <= limit;
    });
}
