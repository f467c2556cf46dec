// i18n.ts - the language of the page: its messages, and numbers, rupiah and dates as that language writes
// them. The choice is kept in localStorage and told to whoever listens.
import { firstLanguage, type Language } from "./language.ts";
import { remember } from "./memory.ts";

export type { Language };
export type Values = Record<string, string | number>;
export type Messages<Key extends string> = Record<Language, Record<Key, string>>;

const LOCALES: Record<Language, string> = { id: "id-ID", en: "en-GB" };
const CITY_ZONE = "Asia/Jakarta";

let current: Language = firstLanguage();
const listeners = new Set<() => void>();

export function language(): Language {
    return current;
}

export function setLanguage(next: Language): void {
    if (next === current) return;
    current = next;
    remember("language", next);
    formats.clear();
    collator = null;
    document.documentElement.lang = next;
    for (const listener of listeners) listener();
}

// Calls back after each change of language; returns how to stop that.
export function onLanguage(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
}

// The text of a message. {name} becomes the value, numbers as the language writes them; {count:one|other}
// becomes the word that fits the number.
export function fillMessage(text: string, values: Values, of: Language): string {
    return text.replace(
        /\{(\w+)(?::([^|}]*)\|([^}]*))?\}/g,
        (whole, name: string, one?: string, other?: string) => {
            const value = values[name];
            if (value === undefined) return whole;
            if (one !== undefined) {
                return new Intl.PluralRules(LOCALES[of]).select(Number(value)) === "one"
                    ? one
                    : (other ?? one);
            }
            return typeof value === "number" ? new Intl.NumberFormat(LOCALES[of]).format(value) : value;
        },
    );
}

export type Translate<Key extends string> = (key: Key, values?: Values) => string;

export function translator<Key extends string>(messages: Messages<Key>): Translate<Key> {
    return (key, values = {}) => fillMessage(messages[current][key], values, current);
}

// Formatters are costly to make and cheap to use: one for each set of options, until the language changes.
const formats = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();
let collator: Intl.Collator | null = null;

function numberFormat(name: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
    let format = formats.get(name);
    if (!format) formats.set(name, (format = new Intl.NumberFormat(LOCALES[current], options)));
    return format as Intl.NumberFormat;
}

function dateFormat(name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
    let format = formats.get(name);
    if (!format) formats.set(name, (format = new Intl.DateTimeFormat(LOCALES[current], options)));
    return format as Intl.DateTimeFormat;
}

export function number(value: number): string {
    return numberFormat("number", {}).format(value);
}

export function signedNumber(value: number): string {
    return numberFormat("signed", { signDisplay: "exceptZero" }).format(value);
}

// 99.32 -> "99,32%" in Indonesian. Never clamped: a city may register more people than the census counted.
export function percent(value: number, digits = 2): string {
    return `${numberFormat(`fixed${digits}`, {
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
    }).format(value)}%`;
}

export function points(value: number): string {
    const options = {
        minimumFractionDigits: 2,
        maximumFractionDigits: 2,
        signDisplay: "exceptZero",
    } as const;
    return numberFormat("points", options).format(value);
}

// To the rupiah: "Rp 14.976.731.000" in both languages, with the separators of each.
export function rupiah(value: number): string {
    return `${value < 0 ? "−" : ""}Rp\u00a0${number(Math.abs(value))}`;
}

// For large figures where space is short: "Rp 14,98 miliar", "Rp 14.98 billion".
export function rupiahShort(value: number): string {
    const size = Math.abs(value);
    const words = { id: ["triliun", "miliar", "juta"], en: ["trillion", "billion", "million"] }[current];
    const step = [1e12, 1e9, 1e6].findIndex((unit) => size >= unit);
    if (step < 0) return rupiah(value);
    const scaled = size / ([1e12, 1e9, 1e6][step] as number);
    const digits = { minimumFractionDigits: 2, maximumFractionDigits: 2 };
    const text = numberFormat("fixed2", digits).format(scaled);
    return `${value < 0 ? "−" : ""}Rp\u00a0${text}\u00a0${words[step]}`;
}

export function bytes(value: number): string {
    const units = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;
    const step = Math.min(3, Math.floor(Math.log(Math.max(1, value)) / Math.log(1024)));
    return numberFormat(`bytes${step}`, {
        style: "unit",
        unit: units[step] ?? "byte",
        maximumFractionDigits: 1,
        unitDisplay: "short",
    }).format(value / 1024 ** step);
}

// A calendar day "2026-11-22", without a zone: 22 November 2026.
export function day(iso: string, form: "long" | "short" | "tiny" = "long"): string {
    const forms: Record<typeof form, Intl.DateTimeFormatOptions> = {
        long: { day: "numeric", month: "long", year: "numeric" },
        short: { day: "numeric", month: "short", year: "numeric" },
        tiny: { day: "numeric", month: "short" },
    };
    return dateFormat(`day.${form}`, { ...forms[form], timeZone: "UTC" }).format(
        new Date(`${iso}T00:00:00Z`),
    );
}

export function month(iso: string, form: "long" | "short" = "long"): string {
    const options = { month: form, year: "numeric", timeZone: "UTC" } as const;
    return dateFormat(`month.${form}`, options).format(new Date(`${iso}-01T00:00:00Z`));
}

// A moment, as the city's clocks show it.
export function clock(moment: Date | number | string): string {
    const options = { hour: "2-digit", minute: "2-digit", second: "2-digit", timeZone: CITY_ZONE } as const;
    return dateFormat("clock", options).format(new Date(moment));
}

export function dayAndClock(moment: Date | number | string): string {
    return dateFormat("moment", {
        day: "numeric",
        month: "short",
        year: "numeric",
        hour: "2-digit",
        minute: "2-digit",
        timeZone: CITY_ZONE,
    }).format(new Date(moment));
}

// The day on the city's clocks, as "2026-11-22".
export function dayOnClocks(moment: Date): string {
    return new Intl.DateTimeFormat("sv-SE", { timeZone: CITY_ZONE }).format(moment);
}

// Names in the order of the language's alphabet, numbers in them by value.
export function compareText(one: string, other: string): number {
    collator ??= new Intl.Collator(LOCALES[current], { numeric: true, sensitivity: "base" });
    return collator.compare(one, other);
}
