// codes.ts - the services' codes and sentences, and who may send which kind, as /v1/codes tells them. They
// are fetched when the device is paired and kept on the phone: the same words with and without a network.
import type { Language } from "../shared/i18n.ts";

export interface CodeRow {
    number: number;
    code: string;
    field: string;
    warning: boolean;
    id: string;
    en: string;
}

export interface KindRow {
    kind: string;
    needed: string[];
    optional: string[];
    roles: string[];
    reporters?: string[]; // of older services: nobody
}

export interface Codes {
    codes: CodeRow[];
    kinds: KindRow[];
    limits: { text_bytes: number; events_a_batch: number };
}

export function isCodes(value: unknown): value is Codes {
    const codes = value as Codes | null;
    return Array.isArray(codes?.codes) && Array.isArray(codes?.kinds) && codes.limits?.text_bytes > 0;
}

// The sentence's form is services/domain/refusal.c's: "{}" is where the value stands, what is between [ and
// ] is left out where there is none.
export function fillSentence(form: string, value: string): string {
    return form.replace(/\[([^\]]*)\]/g, value ? "$1" : "").replaceAll("{}", () => value);
}

// "" where the city has no such code.
export function sentenceOf(codes: Codes | null, code: string, value: string, language: Language): string {
    const row = codes?.codes.find((candidate) => candidate.code === code);
    return row ? fillSentence(row[language], value) : "";
}

// Roles whose event changes nothing, but is kept for those that may send it: a layoff seen at a door.
export function mayReport(codes: Codes | null, kind: string, role: string): boolean {
    return codes?.kinds.find((row) => row.kind === kind)?.reporters?.includes(role) ?? false;
}

export function mayCapture(codes: Codes | null, kind: string, role: string): boolean {
    return codes?.kinds.find((row) => row.kind === kind)?.roles.includes(role) ?? false;
}
