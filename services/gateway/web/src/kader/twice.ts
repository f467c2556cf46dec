// twice.ts - whether what a form holds is on this phone already: surely, by the NIK, or perhaps, by mother
// and day of birth. The city can't tell a newborn without NIK from its twin; whoever stands before them can.
import type { Draft, Kind } from "./capture.ts";
import type { Entry } from "./outbox.ts";

const ONCE = ["ENROL", "ENROL_VULNERABLE", "BIRTH", "DEATH", "LAYOFF"];

export function surelyTwice(entries: Entry[], kind: Kind, draft: Draft): Entry | null {
    if (!draft["nik"] || !ONCE.includes(kind)) return null;
    const same = (entry: Entry) =>
        entry.kind === kind && entry.event?.["nik"] === draft["nik"] && entry.state !== "refused";
    return entries.find(same) ?? null;
}

// Two NIKs are two children; where one of the births has none, they may be the same. Another correction of
// the same entry is no twin: the store refuses the second.
export function perhapsTwice(
    entries: Entry[],
    kind: Kind,
    draft: Draft,
    corrects: number | null,
): Entry | null {
    if (kind !== "BIRTH") return null;
    const same = (entry: Entry) =>
        entry.kind === "BIRTH" &&
        entry.state !== "refused" &&
        (corrects === null || entry.corrects !== corrects) &&
        entry.event?.["other_nik"] === draft["other_nik"] &&
        entry.event?.["birth_date"] === draft["birth_date"] &&
        !(entry.event?.["nik"] && draft["nik"]);
    return entries.find(same) ?? null;
}
