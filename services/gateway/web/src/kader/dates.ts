// dates.ts - calendar days as text, 2026-11-22: read, compared, and today's in the city (Asia/Jakarta, UTC+7
// without summer time), by the rules of services/domain/calendar.c.
export interface CivilDay {
    year: number;
    month: number;
    day: number;
}

const YEAR_FIRST = 1900;
const YEAR_LAST = 2079;
const LAST_DAY = "2079-06-05"; // the services count days in 16 bits
const JAKARTA_OFFSET_MS = 7 * 3600 * 1000;
const DAY_MS = 86_400_000;

function daysInMonth(year: number, month: number): number {
    return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

// null where the text is no day of the calendar.
export function parseDay(text: string): CivilDay | null {
    const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
    if (!parts) return null;
    const [year, month, day] = parts.slice(1).map(Number) as [number, number, number];
    if (year < YEAR_FIRST || year > YEAR_LAST || month < 1 || month > 12 || text > LAST_DAY) return null;
    return day >= 1 && day <= daysInMonth(year, month) ? { year, month, day } : null;
}

export function today(nowMs = Date.now()): string {
    return new Date(nowMs + JAKARTA_OFFSET_MS).toISOString().slice(0, 10);
}

// The day on both clocks when the city was heard. They are kept together: compared with a later day of the
// phone, a city heard before midnight would look as if the phone ran ahead.
export interface Clock {
    city: string;
    phone: string;
}

// An answer may pass midnight on its way: the phone's day before it or after it is right.
export function heardDay(city: string, askedOn: string, answeredOn: string): Clock {
    return { city, phone: city === askedOn ? askedOn : answeredOn };
}

export function daysBetween(from: string, to: string): number {
    return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY_MS);
}

export function addDays(day: string, days: number): string {
    return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}
