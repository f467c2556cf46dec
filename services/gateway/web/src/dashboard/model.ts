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
    aheadMs: number; // of the city's clock over performance.now(), by the figures that came soonest
    heardMs: number; // the city's time when figures were last known to be fresh
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
        aheadMs: -Infinity,
        heardMs: 0,
    };
}

// What an officer may see is not the public's: nothing of it stays when a session ends.
export function forgetFigures(model: Model): void {
    const { regions, source, stream } = model;
    Object.assign(model, { ...emptyModel(), regions, source, stream });
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
export function takeTotals(model: Model, totals: StreamTotals, ranMs = performance.now()): void {
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
    model.aheadMs = Math.max(model.aheadMs, totals.as_of_ms - ranMs);
    joinRegions(model);
}

// What /v1/totals and its table of all levels tell, as the stream would have told it.
export function asStream(city: CityTotals, table: Pick<TotalsTable, "columns" | "rows">): StreamTotals {
    const { offset, as_of, day, city_uhc, audience, suppressed_below, stale_since } = city;
    const as_of_ms = as_of ? Date.parse(as_of) : 0;
    const { columns, rows } = table;
    const about = { offset, as_of, as_of_ms, day, city_uhc, audience, suppressed_below, stale_since };
    return { ...about, city, columns, rows };
}

// How fresh figures are that were asked for, `since` when there was no stream: none came, they are as old as
// the gateway itself says, or they are the present ones.
export function polledFreshness(city: Pick<CityTotals, "stale_since"> | null, since: Date): Model["stream"] {
    if (!city) return { state: "disconnected", since };
    if (city.stale_since) return { state: "away", since: new Date(city.stale_since) };
    return { state: "polling", since };
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

const isFresh = (model: Model): boolean => ["live", "polling"].includes(model.stream.state);

// The city's time: it goes on between the figures while they are fresh, and stands still while they are not.
export function cityNow(model: Model, ranMs = performance.now()): number {
    if (isFresh(model)) model.heardMs = ranMs + model.aheadMs;
    return model.heardMs;
}

// Layoffs a minute over the minutes before `now`; unknown before two seconds have been seen. A count holds
// until the next one is told.
export function layoffsPerMinute(samples: Model["layoffs"], minutes: number, now: number): number | null {
    const last = samples.at(-1);
    const from = samples.filter((sample) => sample.at <= now - minutes * 60_000).at(-1) ?? samples[0];
    if (!last || !from || now - from.at < 2_000) return null;
    return ((last.count - from.count) * 60_000) / Math.min(minutes * 60_000, now - from.at);
}

// The same, of a page whose figures are fresh: what is not heard now has no speed now.
export function layoffSpeed(model: Model, ranMs = performance.now()): number | null {
    return isFresh(model) ? layoffsPerMinute(model.layoffs, 1, cityNow(model, ranMs)) : null;
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
