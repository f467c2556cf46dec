// capture.ts - from what was typed to an event, and what is wrong with it before any network is asked: the
// services' rules as far as a phone can know them (services/domain/event_rules.c, registry_enrol.c,
// registry_segment.c), with the services' codes. What the city knows better it says itself, later.
import { daysBetween, parseDay } from "./dates.ts";
import { kkCheck, nikAgrees, nikCheck, type Sex } from "./identity.ts";
import type { CapturedEvent, Fields } from "./outbox.ts";
import { areaHolds, type Regions } from "./regions.ts";

export type Kind =
    | "ENROL"
    | "BIRTH"
    | "MOVE_IN"
    | "MOVE_OUT"
    | "MOVE_WITHIN"
    | "DEATH"
    | "LAYOFF"
    | "CORRECT_IDENTITY"
    | "ENROL_VULNERABLE";

// What a form's fields hold: texts as typed ("" for nothing), ticks as booleans.
export type Draft = Record<string, string | boolean>;

export interface Fault {
    field: string;
    code: string;
    value: string;
}

export interface CaptureContext {
    today: string;
    area: string;
    regions: Regions | null;
    textBytesMax: number;
}

// What each kind must have. A newborn without a NIK gets its number when it is stored: `newborn_without_nik`.
const NEEDED: Record<Kind, string[]> = {
    ENROL: ["nik", "birth_date", "sex", "kelurahan", "segment"],
    ENROL_VULNERABLE: ["nik", "birth_date", "sex", "kelurahan", "reason", "approver"],
    BIRTH: ["nik", "other_nik", "birth_date"],
    MOVE_IN: ["nik", "kelurahan"],
    MOVE_OUT: ["nik"],
    MOVE_WITHIN: ["nik", "kelurahan"],
    DEATH: ["nik", "date"],
    LAYOFF: ["nik", "date", "proof"],
    CORRECT_IDENTITY: ["other_nik"],
};
const OPTIONAL: Record<Kind, string[]> = {
    ENROL: ["kk", "name", "care_class", "local_card"],
    ENROL_VULNERABLE: ["kk", "name"],
    BIRTH: ["kk", "name", "sex", "kelurahan"],
    MOVE_IN: ["kk", "name", "birth_date", "sex", "segment", "care_class", "local_card", "date"],
    MOVE_OUT: ["destination", "date", "reason"],
    MOVE_WITHIN: ["kk", "date"],
    DEATH: ["reason"],
    LAYOFF: ["employer", "disputed", "reason"],
    CORRECT_IDENTITY: ["temporary_id", "nik", "kk", "name", "birth_date", "sex", "reason"],
};
const TEXTS = ["name", "reason", "approver", "author"];
const NUMBERS = ["care_class", "employer"];
const OWN_CODES: Record<string, string> = {
    nik: "IDENTITY_MISSING",
    approver: "APPROVER_MISSING",
    proof: "PROOF_MISSING",
};
const NEWBORN_DAYS_MAX = 366; // older than a year is an enrolment, not a birth
const EMPLOYER_MAX = 4_294_967_295;

export function fieldsOf(kind: Kind): string[] {
    return [...NEEDED[kind], ...OPTIONAL[kind]];
}

export function isNeeded(kind: Kind, field: string): boolean {
    return NEEDED[kind].includes(field);
}

function text(draft: Draft, field: string): string {
    const value = draft[field];
    return typeof value === "string" ? value.trim().replace(/\s+/g, " ") : "";
}

// The event's fields as the interface has them. What is empty is left out: it counts as not given.
export function makeEvent(kind: Kind, draft: Draft, author: string, nowMs: number): CapturedEvent {
    const fields: Fields = {};
    for (const field of fieldsOf(kind)) {
        if (draft[field] === true) fields[field] = true;
        const given = text(draft, field);
        if (given) fields[field] = NUMBERS.includes(field) ? Number(given) : given;
    }
    if (draft["newborn_without_nik"]) delete fields["nik"];
    return { kind, captured_at_ms: nowMs, author, ...fields };
}

function checkMissing(kind: Kind, draft: Draft): Fault[] {
    const without = (field: string) => field === "nik" && draft["newborn_without_nik"] === true;
    return NEEDED[kind]
        .filter((field) => !without(field) && text(draft, field) === "")
        .map((field) => ({ field, code: OWN_CODES[field] ?? "FIELD_MISSING", value: field }));
}

function checkTexts(draft: Draft, bytesMax: number): Fault[] {
    const encoder = new TextEncoder();
    return TEXTS.filter((field) => {
        const given = text(draft, field);
        return encoder.encode(given).length > bytesMax || /[\u0000-\u001f\u007f-\u009f]/.test(given);
    }).map((field) => ({ field, code: "TEXT_INVALID", value: field }));
}

function checkNumbers(kind: Kind, draft: Draft): Fault[] {
    const faults: Fault[] = [];
    const nik = draft["newborn_without_nik"] ? "" : text(draft, "nik");
    for (const [field, number] of [
        ["nik", nik],
        ["other_nik", text(draft, "other_nik")],
    ] as const) {
        const code = number && fieldsOf(kind).includes(field) ? nikCheck(number) : "";
        if (code) faults.push({ field, code, value: "" });
    }
    const kk = text(draft, "kk");
    const kkCode = kk ? kkCheck(kk) : "";
    if (kkCode) faults.push({ field: "kk", code: kkCode, value: "" });
    if (nik && nik === text(draft, "other_nik"))
        faults.push({
            field: "other_nik",
            code: kind === "BIRTH" ? "MOTHER_UNKNOWN" : "SAME_MEMBER",
            value: "",
        });
    const employer = text(draft, "employer");
    if (employer && (!/^[0-9]+$/.test(employer) || Number(employer) > EMPLOYER_MAX))
        faults.push({ field: "employer", code: "VALUE_RANGE", value: "" });
    const destination = text(draft, "destination");
    if (destination && !/^[0-9]{4}$/.test(destination))
        faults.push({ field: "destination", code: "VALUE_RANGE", value: "" });
    return faults;
}

function checkDates(kind: Kind, draft: Draft, today: string): Fault[] {
    const faults: Fault[] = [];
    for (const field of ["birth_date", "date"]) {
        const given = text(draft, field);
        if (!given || !fieldsOf(kind).includes(field)) continue;
        if (!parseDay(given)) faults.push({ field, code: "DATE_INVALID", value: "" });
        else if (given > today) faults.push({ field, code: "DATE_FUTURE", value: given });
    }
    if (faults.length) return faults;
    const [born, date] = [text(draft, "birth_date"), text(draft, "date")];
    if (born && date && date < born) faults.push({ field: "date", code: "DATE_BEFORE_BIRTH", value: date });
    if (kind === "BIRTH" && born && daysBetween(born, today) > NEWBORN_DAYS_MAX)
        faults.push({ field: "birth_date", code: "NEWBORN_TOO_OLD", value: born });
    return faults;
}

// Either end may report a move within the city; everything else lies in the device's area.
function checkPlace(kind: Kind, draft: Draft, context: CaptureContext): Fault[] {
    const kelurahan = text(draft, "kelurahan");
    if (!kelurahan) return [];
    if (context.regions && !context.regions.kelurahan.some((one) => one.code === kelurahan))
        return [{ field: "kelurahan", code: "REGION_UNKNOWN", value: kelurahan }];
    if (kind === "MOVE_WITHIN" || areaHolds(context.area, kelurahan)) return [];
    return [{ field: "kelurahan", code: "REGION_OUTSIDE_AREA", value: kelurahan }];
}

function checkSegment(kind: Kind, draft: Draft): Fault[] {
    const segment = text(draft, "segment");
    // Who was a member before keeps the segment; of somebody unknown it has to be said.
    if (kind === "MOVE_IN" && draft["known_before"] !== true) {
        const missing = ["segment", "birth_date"].filter((field) => !text(draft, field));
        if (missing.length) return missing.map((field) => ({ field, code: "FIELD_MISSING", value: field }));
    }
    if (segment === "PBPU_PEMDA" && draft["local_card"] !== true)
        return [{ field: "local_card", code: "NOT_ELIGIBLE_CARD", value: "" }];
    if ((segment === "PBPU" || segment === "BP") && !text(draft, "care_class"))
        return [{ field: "care_class", code: "FIELD_MISSING", value: "care_class" }];
    return [];
}

// At most one fault a field, the first that holds.
export function checkDraft(kind: Kind, draft: Draft, context: CaptureContext): Fault[] {
    const all = [
        ...checkMissing(kind, draft),
        ...checkTexts(draft, context.textBytesMax),
        ...checkNumbers(kind, draft),
        ...checkDates(kind, draft, context.today),
        ...checkPlace(kind, draft, context),
        ...checkSegment(kind, draft),
    ];
    const seen = new Set<string>();
    return all.filter((fault) => !seen.has(fault.field) && seen.add(fault.field));
}

// Worth a second look, but no reason to refuse: the code of a warning, or "".
export function warnDraft(draft: Draft): string {
    const nik = draft["newborn_without_nik"] ? "" : text(draft, "nik");
    if (!nik || nikCheck(nik)) return "";
    const agrees = nikAgrees(nik, text(draft, "birth_date"), text(draft, "sex") as Sex | "");
    return agrees ? "" : "NIK_BIRTH_DIFFERS";
}

// A form's fields from an event that was refused, to be corrected.
export function draftOf(event: CapturedEvent): Draft {
    const draft: Draft = {};
    for (const [field, value] of Object.entries(event)) {
        if (typeof value === "boolean") draft[field] = value;
        else if (!["kind", "captured_at_ms", "author"].includes(field)) draft[field] = String(value);
    }
    if (event.kind === "MOVE_IN" && !draft["segment"]) draft["known_before"] = true;
    if (event.kind === "BIRTH" && !draft["nik"]) draft["newborn_without_nik"] = true;
    return draft;
}
