// regions.ts - the city's kecamatan and kelurahan, as /v1/regions has them, cut to what a device answers for.
export interface Region {
    code: string;
    name: string;
}

export interface Kelurahan extends Region {
    kecamatan: string;
}

export interface Regions {
    city: Region;
    kecamatan: Region[];
    kelurahan: Kelurahan[];
}

export function isRegions(value: unknown): value is Regions {
    const regions = value as Regions | null;
    return (
        typeof regions?.city?.code === "string" &&
        Array.isArray(regions.kecamatan) &&
        Array.isArray(regions.kelurahan) &&
        regions.kelurahan.length > 0
    );
}

// An area's code begins the codes of all that lies in it (include/cakupan/device.h: area_holds).
export function areaHolds(area: string, kelurahan: string): boolean {
    return kelurahan.startsWith(area);
}

export function kelurahanOf(regions: Regions, area: string): Kelurahan[] {
    return regions.kelurahan.filter((kelurahan) => areaHolds(area, kelurahan.code));
}

// The kecamatan that have a kelurahan among these, in the city's order.
export function kecamatanOf(regions: Regions, kelurahan: Kelurahan[]): Region[] {
    const codes = new Set(kelurahan.map((one) => one.kecamatan));
    return regions.kecamatan.filter((kecamatan) => codes.has(kecamatan.code));
}

// "Gondrong, Cipondoh"; the code where the city's list does not know it.
export function placeName(regions: Regions | null, code: string): string {
    const kelurahan = regions?.kelurahan.find((one) => one.code === code);
    if (!kelurahan) return code;
    const kecamatan = regions?.kecamatan.find((one) => one.code === kelurahan.kecamatan);
    return kecamatan ? `${kelurahan.name}, ${kecamatan.name}` : kelurahan.name;
}
