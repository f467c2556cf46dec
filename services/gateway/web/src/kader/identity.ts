// identity.ts - checks of NIK and KK numbers as they are typed: the rules and codes of services/domain/nik.c.
// Both are held to the same table, tests/vectors/identity.csv.
import { parseDay } from "./dates.ts";

export type Sex = "female" | "male";
export type IdentityCode =
    "" | "NIK_LENGTH" | "NIK_REGION" | "NIK_DATE" | "NIK_SEQUENCE" | "KK_LENGTH" | "KK_DATE" | "KK_SEQUENCE";

export const IDENTITY_DIGITS = 16;
const WOMAN_DAY_OFFSET = 40;
const DAYS_OF_MONTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const TEMPORARY_DEVICE_SHIFT = 32n;

// What people type between the digits, and what a copied number brings along.
export function onlyDigits(text: string): string {
    return text.replace(/[\s.\-\u00a0]/g, "");
}

// Province, regency and kecamatan as Kepmendagri 300.2.2-2430/2025 builds them.
function regionPossible(region: string): boolean {
    const group = Number(region[0]);
    if (group < 1 || group === 4) return false;
    return region[1] !== "0" && region.slice(2, 4) !== "00" && region.slice(4, 6) !== "00";
}

// DDMMYY. The century is ambiguous, so 29 February of year 00 exists (2000).
function datePossible(date: string, womanOffset: number): boolean {
    const [typed, month, year] = [0, 2, 4].map((at) => Number(date.slice(at, at + 2))) as [
        number,
        number,
        number,
    ];
    const day = typed > WOMAN_DAY_OFFSET ? typed - womanOffset : typed;
    if (month < 1 || month > 12 || day < 1 || day > (DAYS_OF_MONTHS[month - 1] ?? 0)) return false;
    return month !== 2 || day !== 29 || year % 4 === 0;
}

export function nikCheck(text: string): IdentityCode {
    if (!/^[1-9][0-9]{15}$/.test(text)) return "NIK_LENGTH";
    if (!regionPossible(text.slice(0, 6))) return "NIK_REGION";
    if (!datePossible(text.slice(6, 12), WOMAN_DAY_OFFSET)) return "NIK_DATE";
    return text.slice(12) === "0000" ? "NIK_SEQUENCE" : "";
}

export function kkCheck(text: string): IdentityCode {
    if (!/^[1-9][0-9]{15}$/.test(text) || !regionPossible(text.slice(0, 6))) return "KK_LENGTH";
    if (!datePossible(text.slice(6, 12), 0)) return "KK_DATE";
    return text.slice(12) === "0000" ? "KK_SEQUENCE" : "";
}

// What is wrong already while the number is being typed; "" as long as it can still become right.
export function nikCheckTyped(text: string): IdentityCode {
    if (!/^[0-9]*$/.test(text) || text.length > IDENTITY_DIGITS || text[0] === "0") return "NIK_LENGTH";
    if (text.length >= 6 && !regionPossible(text.slice(0, 6))) return "NIK_REGION";
    if (text.length >= 12 && !datePossible(text.slice(6, 12), WOMAN_DAY_OFFSET)) return "NIK_DATE";
    return text.length === IDENTITY_DIGITS ? nikCheck(text) : "";
}

export function kkCheckTyped(text: string): IdentityCode {
    if (!/^[0-9]*$/.test(text) || text.length > IDENTITY_DIGITS || text[0] === "0") return "KK_LENGTH";
    if (text.length >= 6 && !regionPossible(text.slice(0, 6))) return "KK_LENGTH";
    if (text.length >= 12 && !datePossible(text.slice(6, 12), 0)) return "KK_DATE";
    return text.length === IDENTITY_DIGITS ? kkCheck(text) : "";
}

export interface NikPerson {
    day: number;
    month: number;
    year: number; // two digits: the NIK does not tell the century
    sex: Sex;
}

// What a plausible NIK says of its holder.
export function nikPerson(nik: string): NikPerson {
    const typed = Number(nik.slice(6, 8));
    const woman = typed > WOMAN_DAY_OFFSET;
    return {
        day: woman ? typed - WOMAN_DAY_OFFSET : typed,
        month: Number(nik.slice(8, 10)),
        year: Number(nik.slice(10, 12)),
        sex: woman ? "female" : "male",
    };
}

// The birth date in a NIK, in the century that makes the holder no older than a hundred; "" where there is
// no such day (29 February of a year that is none in that century).
export function nikBirthDate(nik: string, today: string): string {
    const person = nikPerson(nik);
    const text = (century: number) =>
        `${century + person.year}-${nik.slice(8, 10)}-${String(person.day).padStart(2, "0")}`;
    const guess = [text(2000), text(1900)].find((date) => date <= today && parseDay(date));
    return guess ?? "";
}

// Whether the birth date and sex in the NIK agree with those given; "" agrees with everything.
export function nikAgrees(nik: string, birthDate: string, sex: Sex | ""): boolean {
    const person = nikPerson(nik);
    if (sex && sex !== person.sex) return false;
    const given = birthDate ? parseDay(birthDate) : null;
    if (!given) return true;
    return given.day === person.day && given.month === person.month && given.year % 100 === person.year;
}

// "3671**********01"; numbers under 12 digits are starred whole.
export function identityMask(text: string): string {
    if (!text) return "-";
    if (text.length < 12) return "*".repeat(text.length);
    return text.slice(0, 4) + "*".repeat(text.length - 6) + text.slice(-2);
}

// A number for a newborn without a NIK: device << 32 | counter, as include/cakupan/member.h has it, decimal.
export function temporaryId(device: number, counter: number): string {
    return String((BigInt(device) << TEMPORARY_DEVICE_SHIFT) | BigInt(counter));
}

// "T-5-17": how people see such a number.
export function temporaryName(id: string): string {
    const bits = BigInt(id);
    return `T-${bits >> TEMPORARY_DEVICE_SHIFT}-${bits & 0xffffffffn}`;
}
