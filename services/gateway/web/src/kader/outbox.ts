// outbox.ts - the rules of the outbox, without storage or network: which entries go next, what an answer or
// a problem means, when to stop. They are proto/README.md's, section Devices, with one batch on the way at
// a time.
//
// An entry's id for the city is (device, sequence). It gets its sequence in the transaction that stores it,
// keeps content and sequence until it is answered, and is answered once: so a lost reply, a closed tab or a
// second tab never doubles a person, and nothing that was saved is dropped.
import type { Problem } from "../shared/api.ts";

export type EntryState = "waiting" | "accepted" | "refused" | "forwarded";
export type Fields = Record<string, string | number | boolean>;

export interface CapturedEvent extends Fields {
    kind: string;
    captured_at_ms: number;
    author: string;
}

export interface Outcome {
    sequence: number;
    outcome: "accepted" | "refused";
    offset: number;
    code: string;
    warning: string;
    field: string;
    value: string;
    sentence: string;
}

export interface Entry {
    id: number; // of this phone, in the order of capture, for ever
    device: number;
    sequence: number;
    state: EntryState;
    kind: string;
    event: CapturedEvent | null; // null once it is masked
    name: string;
    number: string; // masked
    captured_at_ms: number;
    answered_at_ms: number | null;
    outcome: Outcome | null;
    corrects: number | null; // id of the refused entry that this one replaces
    closed_by: number | null; // id of the entry that replaced this one; its own id: put aside
    moved?: boolean; // it may have arrived under the device's number of before, its answer lost
}

// Refused by the letter, but kept for the office that has the proof: nothing for this phone to correct.
const FORWARDED = new Set(["LAYOFF_REPORTED"]);

export function stateOf(outcome: Outcome): EntryState {
    return outcome.outcome === "refused" && FORWARDED.has(outcome.code) ? "forwarded" : outcome.outcome;
}

// Somebody has to correct it, or to put it aside.
export function isOpen(entry: Entry): boolean {
    return entry.state === "refused" && entry.closed_by === null;
}

export const KNOWN_ALREADY = "ALREADY_REGISTERED";

// The entry with its answer. A newborn's number is made by this phone for this child: where the city knows it
// from before the phone was paired anew, the first message has arrived, and there is nothing to correct (a
// correction would make a second child).
export function settle(entry: Entry, outcome: Outcome, nowMs: number): Entry {
    const own = entry.kind === "BIRTH" && entry.event?.["temporary_id"] !== undefined;
    const arrived = own && entry.moved === true && outcome.code === KNOWN_ALREADY;
    const taken: Outcome = arrived ? { ...outcome, outcome: "accepted", code: "" } : outcome;
    return { ...entry, state: stateOf(taken), outcome: taken, answered_at_ms: nowMs };
}

export interface Counters {
    next_sequence: number;
    answered: number; // every sequence up to this one has its answer
    queued: number; // how many entries this device's outbox was given
}

export interface EventAnswer {
    first_sequence: number;
    count: number;
    expected_sequence: number;
    outcomes: Outcome[];
}

export interface Stop {
    code: string;
    sentence: string; // as the server said it, "" where the app says it
    version: string; // of the app that stopped
}

export const BATCH_EVENTS = 100;

export type Standing = { go: true } | { adopt: number } | { stop: "OUTBOX_BEHIND" | "ENROLLMENT_BEHIND" };

// What the number that enrollment expects next means for this outbox.
export function judgeExpected(expected: number, counters: Counters): Standing {
    if (expected <= counters.answered) return { stop: "ENROLLMENT_BEHIND" };
    if (expected <= counters.next_sequence) return { go: true };
    // Nothing was ever queued here: the storage was wiped, and numbers used before must not come again.
    return counters.queued === 0 ? { adopt: expected } : { stop: "OUTBOX_BEHIND" };
}

// The entries that go next, oldest first. What enrollment has already is repeated, and answered, before
// anything new is sent: so a copied outbox is found out before it does harm.
export function nextBatch(waiting: Entry[], expected: number, limit = BATCH_EVENTS): Entry[] {
    const repeats = waiting.filter((entry) => entry.sequence < expected);
    return (repeats.length ? repeats : waiting).slice(0, limit);
}

function isOutcome(outcome: Outcome | undefined, sequence: number): outcome is Outcome {
    if (!outcome || outcome.sequence !== sequence) return false;
    return outcome.outcome === "accepted" || (outcome.outcome === "refused" && outcome.code !== "");
}

// The outcomes of exactly this batch; null where the answer is another's, or none at all (a hotel's login
// page).
export function readOutcomes(answer: EventAnswer, batch: Entry[]): Outcome[] | null {
    const outcomes = answer?.outcomes;
    if (!Array.isArray(outcomes) || outcomes.length !== batch.length) return null;
    if (answer.first_sequence !== batch[0]?.sequence) return null;
    if (!Number.isSafeInteger(answer.expected_sequence)) return null;
    return batch.every((entry, index) => isOutcome(outcomes[index], entry.sequence)) ? outcomes : null;
}

export type Verdict =
    | { kind: "wait"; after_ms: number | null } // null: as long as the back-off says
    | { kind: "expected"; expected: number }
    | { kind: "smaller" } // the batch was too large
    | { kind: "stop"; code: string };

// Codes after which this device can't go on by itself. A status alone stops nothing: between the phone and
// the gateway there are proxies and login pages with answers of their own.
const STOPS = new Set([
    "DEVICE_REVOKED",
    "TOKEN_UNKNOWN",
    "TOKEN_MISSING",
    "ID_REUSED",
    "ROLE_NOT_ALLOWED",
    "FRAME_MALFORMED",
    "JSON_INVALID",
    "PARAMETER_INVALID",
    "MEDIA_TYPE",
]);

export function readProblem(problem: Problem): Verdict {
    const expected = problem.expected_sequence;
    if (problem.code === "SEQUENCE_GAP" && expected !== undefined) return { kind: "expected", expected };
    if (STOPS.has(problem.code)) return { kind: "stop", code: problem.code };
    if (problem.code === "BODY_TOO_LARGE") return { kind: "smaller" };
    return { kind: "wait", after_ms: problem.retry_after_ms ?? null };
}

// Stops of an app that speaks another version end with the next version; the others when the device is paired
// anew, or when somebody says "try again".
export function stopHolds(stop: Stop | null, version: string): boolean {
    if (!stop) return false;
    const ofVersion = ["FRAME_MALFORMED", "JSON_INVALID", "PARAMETER_INVALID", "MEDIA_TYPE"];
    return !ofVersion.includes(stop.code) || stop.version === version;
}

const BACKOFF_FIRST_MS = 2_000;
const BACKOFF_MAX_MS = 300_000;

// Exponential, with jitter, so that a thousand phones don't come back in the same second; never before the
// server's own Retry-After.
export function backoffMs(failures: number, asked_ms: number | null, random = Math.random): number {
    const ceiling = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** Math.min(20, failures - 1));
    const own = ceiling / 2 + (random() * ceiling) / 2;
    return Math.round(asked_ms === null ? own : asked_ms + (random() * Math.min(asked_ms, 5_000)) / 2);
}

// How long the city asked this phone to wait, kept for all tabs and the service worker.
export interface Patience {
    until_ms: number;
    pause_ms: number;
}

// What is left of it. A clock that was put back by more than the pause ends it: sending must not be held back
// for hours.
export function patienceLeft(patience: Patience | null, nowMs: number): number {
    const left = patience ? patience.until_ms - nowMs : 0;
    return patience && left > patience.pause_ms ? 0 : Math.max(0, left);
}

const DAY_MS = 86_400_000;
export const WHOLE_DAYS = 3; // an answered entry stays whole so long, to be looked at
export const MASKED_DAYS = 60;

export type Keeping = "whole" | "mask" | "delete";

// How long a phone keeps what it knows of people: waiting and refused entries whole until they are dealt
// with, answered ones some days whole, then masked, then gone.
export function keeping(entry: Entry, nowMs: number): Keeping {
    const settled = entry.state === "refused" ? entry.closed_by !== null : entry.state !== "waiting";
    if (!settled || entry.answered_at_ms === null) return "whole";
    const days = (nowMs - entry.answered_at_ms) / DAY_MS;
    if (days > MASKED_DAYS) return "delete";
    return days > WHOLE_DAYS ? "mask" : "whole";
}

// Nothing but the number made for a newborn stays: it is needed to report the NIK, and no secret.
export function masked(entry: Entry): Entry {
    const id = entry.event?.["temporary_id"];
    const rest =
        id === undefined
            ? null
            : { kind: entry.kind, captured_at_ms: entry.captured_at_ms, author: "", temporary_id: id };
    return { ...entry, event: rest, name: entry.name.slice(0, 1) + (entry.name ? "…" : "") };
}
