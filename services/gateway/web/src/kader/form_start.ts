// form_start.ts - with what a form begins: empty, with a refused entry that is to be corrected, or with a
// newborn whose NIK is to be reported. null: there is nothing (more) to correct or to report, so no form.
import { draftOf, fieldsOf, type Draft, type Kind } from "./capture.ts";
import { PLANS } from "./form_fields.ts";
import { isOpen, type Entry } from "./outbox.ts";

export interface FormStart {
    kind: Kind;
    draft: Draft;
    corrects: number | null;
    temporary?: string; // the newborn's number, where its NIK is reported
}

export function isKind(text: string): text is Kind {
    return text in PLANS && fieldsOf(text as Kind).length > 0;
}

// The temporary numbers whose NIK is reported, or on its way.
export function reportedNewborns(all: Entry[]): Set<unknown> {
    const reports = all.filter((entry) => entry.kind === "CORRECT_IDENTITY" && entry.state !== "refused");
    return new Set(reports.map((entry) => entry.event?.["temporary_id"]));
}

// Only what is refused and not dealt with yet: a second correction of the same would make a second person.
export function correctionStart(entry: Entry | null): FormStart | null {
    if (!entry?.event || !isOpen(entry) || !isKind(entry.kind)) return null;
    const temporary = entry.kind === "CORRECT_IDENTITY" ? entry.event["temporary_id"] : undefined;
    const kept = temporary === undefined ? {} : { temporary: String(temporary) };
    return { kind: entry.kind, draft: draftOf(entry.event), corrects: entry.id, ...kept };
}

export function babyStart(entry: Entry | null, reported: Set<unknown>): FormStart | null {
    const temporary = entry?.kind === "BIRTH" && entry.state === "accepted" && entry.event?.["temporary_id"];
    if (!temporary || reported.has(temporary)) return null;
    const name = String(entry.event?.["name"] ?? "");
    return { kind: "CORRECT_IDENTITY", draft: { name }, corrects: null, temporary: String(temporary) };
}
