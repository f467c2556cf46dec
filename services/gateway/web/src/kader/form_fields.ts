// form_fields.ts - which fields each form has, in which order, and how each is made.
import type { Draft, Kind } from "./capture.ts";
import { isNeeded } from "./capture.ts";
import { choiceField, dateField, textField, tickField, type Field, type FieldText } from "./fields.ts";
import { regionField } from "./region_field.ts";
import type { App } from "./app.ts";
import { say, type Key } from "./words.ts";

export interface FormPlan {
    family: string[]; // asked once for all members
    person: string[];
}

export const PLANS: Record<Kind, FormPlan> = {
    ENROL: {
        family: ["kk", "kelurahan", "segment", "care_class", "local_card"],
        person: ["nik", "name", "birth_date", "sex"],
    },
    ENROL_VULNERABLE: {
        family: [],
        person: ["nik", "name", "birth_date", "sex", "kelurahan", "reason", "approver", "kk"],
    },
    BIRTH: {
        family: [],
        person: ["other_nik", "birth_date", "newborn_without_nik", "nik", "name", "sex", "kk"],
    },
    MOVE_IN: {
        family: ["kk", "kelurahan", "date"],
        person: ["nik", "name", "known_before", "birth_date", "sex", "segment", "care_class", "local_card"],
    },
    MOVE_OUT: { family: ["date", "destination", "reason"], person: ["nik"] },
    MOVE_WITHIN: { family: ["kelurahan", "kk", "date"], person: ["nik"] },
    DEATH: { family: [], person: ["nik", "date", "reason"] },
    LAYOFF: { family: [], person: ["nik", "date", "proof", "employer", "disputed", "reason"] },
    CORRECT_IDENTITY: { family: [], person: ["other_nik", "name", "sex"] },
};

// A layoff as a report to the labour office: what can be seen at a door. The name stays on the phone.
export const REPORT_FIELDS = ["nik", "name", "date", "reason"];

const KADER_SEGMENTS = ["PBPU_PEMDA", "PBPU", "BP"];
const OFFICE_SEGMENTS = [...KADER_SEGMENTS, "PBI_JK", "PPU_PN", "PPU_BU"];

// A field's label: the kind's own where it has one.
export function labelOf(kind: Kind, name: string): string {
    const own = `field.${name}.${kind}` as Key;
    return LABELS.has(own) ? say(own) : say(`field.${name}` as Key);
}

const LABELS = new Set<Key>([
    "field.nik.BIRTH",
    "field.other_nik.BIRTH",
    "field.other_nik.CORRECT_IDENTITY",
    "field.kelurahan.MOVE_WITHIN",
    "field.date.DEATH",
    "field.date.LAYOFF",
    "field.date.MOVE_IN",
    "field.date.MOVE_OUT",
    "field.date.MOVE_WITHIN",
    "field.reason.ENROL_VULNERABLE",
    "field.reason.LAYOFF",
]);

const HINTS: Partial<Record<string, Key>> = {
    newborn_without_nik: "field.newborn_without_nik.hint",
    known_before: "field.known_before.hint",
    destination: "field.destination.hint",
};

function choices(values: string[], label: (value: string) => string) {
    return values.map((value) => ({ value, label: label(value) }));
}

const segmentLabel = (segment: string) => say(`segment.${segment}` as Key);
const proofLabel = (proof: string) => say(`proof.${proof}` as Key);
const classLabel = (careClass: string) => say(`class.${careClass}` as Key);
const sexLabel = (sex: string) => say(`sex.${sex}` as Key);

// Fields that a kind doesn't need, and that nothing else on the form makes necessary, say so.
function isOptional(kind: Kind, name: string): boolean {
    const asked = ["segment", "birth_date", "care_class"];
    return !isNeeded(kind, name) && !(asked.includes(name) && ["ENROL", "MOVE_IN"].includes(kind));
}

export function makeField(app: App, kind: Kind, name: string, draft: Draft): Field {
    const hint = HINTS[name];
    const text: FieldText = {
        name,
        label: labelOf(kind, name),
        optional: isOptional(kind, name),
        ...(hint ? { hint: say(hint) } : {}),
    };
    const offices = app.device?.role !== "kader";
    switch (name) {
        case "nik":
        case "other_nik":
        case "kk":
            return textField({ ...text, digits: true, hint: say("nik.digits", { count: 0 }) });
        case "employer":
        case "destination":
            return textField({ ...text, digits: true });
        case "birth_date":
            return dateField({ ...text, recent: kind === "BIRTH" });
        case "date":
            return dateField({ ...text, recent: true });
        case "sex":
            return choiceField({ ...text, choices: choices(["female", "male"], sexLabel) });
        case "segment":
            return choiceField({
                ...text,
                columns: 1,
                choices: choices(offices ? OFFICE_SEGMENTS : KADER_SEGMENTS, segmentLabel),
            });
        case "care_class":
            return choiceField({ ...text, choices: choices(["1", "2", "3"], classLabel) });
        case "proof":
            return choiceField({
                ...text,
                columns: 1,
                choices: choices(["notice", "agreement", "court"], proofLabel),
            });
        case "kelurahan":
            return placeField(app, kind, text, draft);
        case "local_card":
        case "known_before":
        case "newborn_without_nik":
        case "disputed":
            return tickField(text);
        default:
            return textField({
                ...text,
                capitals: name === "name" || name === "approver" ? "words" : "none",
            });
    }
}

// A move within the city may end anywhere in it; everything else lies in the device's area.
function placeField(app: App, kind: Kind, text: FieldText, draft: Draft): Field {
    if (!app.regions) throw new Error("The regions are not here yet.");
    const area = kind === "MOVE_WITHIN" ? app.regions.city.code : (app.device?.area ?? "");
    const start = typeof draft["kelurahan"] === "string" ? draft["kelurahan"] : "";
    return regionField(text, app.regions, area, start);
}

// Whether a field has a meaning beside the others' present values.
export function isShown(name: string, draft: Draft): boolean {
    switch (name) {
        case "care_class":
            return draft["segment"] === "PBPU" || draft["segment"] === "BP";
        case "local_card":
            return draft["segment"] === "PBPU_PEMDA";
        case "nik":
            return draft["newborn_without_nik"] !== true;
        default:
            return draft["known_before"] !== true || !["segment", "birth_date", "sex"].includes(name);
    }
}
