// scale.ts - what the tile map can show, and in which of six steps a value falls: three below a threshold
// (orange), three from it on (blue-green).
import type { Place } from "./model.ts";

export const MEASURES = ["active", "registered", "active_difference", "city_paid_difference"] as const;
export type Measure = (typeof MEASURES)[number];

export interface Scale {
    bounds: readonly [number, number, number, number, number]; // the third is the threshold
    difference: boolean; // in points against the city instead of per cent
}

// 98 and 80: BPJS's thresholds of UHC, September 2025. UHC means more than 98 and more than 80.
export const SCALES: Record<Measure, Scale> = {
    active: { bounds: [70, 75, 80, 87.5, 95], difference: false },
    registered: { bounds: [94, 96, 98, 99, 100], difference: false },
    active_difference: { bounds: [-4, -2, 0, 2, 4], difference: true },
    city_paid_difference: { bounds: [-4, -2, 0, 2, 4], difference: true },
};

const rounded = (value: number): number => Math.round(value * 100) / 100;

function share(part: number | null, whole: number | null): number | null {
    return part === null || !whole ? null : (100 * part) / whole;
}

export function measureOf(measure: Measure, place: Place, city: Place): number | null {
    if (measure === "active") return place.activePercent;
    if (measure === "registered") return place.registeredPercent;
    const [own, all] =
        measure === "active_difference"
            ? [share(place.active, place.population), share(city.active, city.population)]
            : [share(place.cityPaid, place.registered), share(city.cityPaid, city.registered)];
    return own === null || all === null ? null : rounded(own - all);
}

// 1 to 6; 0 where the value is withheld.
export function stepOf(value: number | null, scale: Scale): number {
    if (value === null) return 0;
    return 1 + scale.bounds.filter((bound) => value >= bound).length;
}
