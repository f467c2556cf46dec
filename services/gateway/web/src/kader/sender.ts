// sender.ts - sends what waits in the outbox, batch by batch, until nothing waits, the network fails or the
// device has to stop. The page and the service worker run the same.
import { ApiError, problemHere, type Problem } from "../shared/api.ts";
import type { Session } from "../shared/session.ts";
import {
    BATCH_EVENTS,
    judgeExpected,
    nextBatch,
    readOutcomes,
    readProblem,
    type Counters,
    type Entry,
    type EventAnswer,
    type Outcome,
    type Stop,
} from "./outbox.ts";

// The part of the store that sending needs. Each call is one transaction.
export interface OutboxStore {
    counters(device: number): Promise<Counters | null>; // null: another device was paired meanwhile
    waiting(device: number, limit: number): Promise<Entry[]>;
    answer(device: number, outcomes: Outcome[], nowMs: number): Promise<void>;
    adopt(device: number, expected: number): Promise<void>;
    stop(device: number, stop: Stop): Promise<void>;
}

export interface Wire {
    session(): Promise<Session>;
    send(firstSequence: number, entries: Entry[]): Promise<EventAnswer>; // no entries: a hello
}

export type DrainEnd =
    | { end: "done" }
    | { end: "retry"; problem: Problem; after_ms: number | null }
    | { end: "stopped"; code: string };

export interface Drain {
    device: number;
    store: OutboxStore;
    wire: Wire;
    version: string;
    now?: () => number;
}

type Step = DrainEnd | { end: "on"; expected: number; limit: number };

// Judges the number that enrollment expects, and keeps what follows from it.
export async function takeExpected(drain: Drain, expected: number, sentence = ""): Promise<DrainEnd | null> {
    const counters = await drain.store.counters(drain.device);
    if (!counters) return { end: "done" };
    const standing = judgeExpected(expected, counters);
    if ("adopt" in standing) await drain.store.adopt(drain.device, standing.adopt);
    if (!("stop" in standing)) return null;
    await drain.store.stop(drain.device, { code: standing.stop, sentence, version: drain.version });
    return { end: "stopped", code: standing.stop };
}

function wait(problem: Problem, after_ms: number | null): DrainEnd {
    return { end: "retry", problem, after_ms };
}

// Stops the device where the problem says so; null where it does not.
export async function takeStop(drain: Drain, problem: Problem): Promise<DrainEnd | null> {
    if (readProblem(problem).kind !== "stop") return null;
    const { code, detail } = problem;
    await drain.store.stop(drain.device, { code, sentence: detail, version: drain.version });
    return { end: "stopped", code };
}

async function takeProblem(drain: Drain, problem: Problem, limit: number, sent: number): Promise<Step> {
    const stopped = await takeStop(drain, problem);
    if (stopped) return stopped;
    const verdict = readProblem(problem);
    if (verdict.kind === "expected") {
        const ended = await takeExpected(drain, verdict.expected);
        // A gap behind the oldest entry can't be: it is asked again, but not without a pause.
        return ended ?? wait(problem, null);
    }
    if (verdict.kind === "smaller" && sent > 1) {
        return { end: "on", expected: 0, limit: Math.max(1, Math.floor(Math.min(limit, sent) / 2)) };
    }
    return wait(problem, verdict.kind === "wait" ? verdict.after_ms : null);
}

async function takeOutcomes(drain: Drain, batch: Entry[], answer: EventAnswer, limit: number): Promise<Step> {
    const outcomes = readOutcomes(answer, batch);
    if (!outcomes) return wait(problemHere("ANSWER_MALFORMED", 200), null);
    const reused = outcomes.findIndex((outcome) => outcome.code === "ID_REUSED");
    const good = reused < 0 ? outcomes : outcomes.slice(0, reused);
    if (good.length) await drain.store.answer(drain.device, good, (drain.now ?? Date.now)());
    const bad = outcomes[reused];
    if (bad) {
        const stop = { code: bad.code, sentence: bad.sentence, version: drain.version };
        await drain.store.stop(drain.device, stop);
        return { end: "stopped", code: bad.code };
    }
    return { end: "on", expected: answer.expected_sequence, limit };
}

// One request and what came of it. `expected` 0: not known yet, so this one is a hello.
async function step(drain: Drain, waiting: Entry[], expected: number, limit: number): Promise<Step> {
    const batch = expected ? nextBatch(waiting, expected, limit) : [];
    const first = waiting[0]?.sequence ?? 0;
    try {
        const answer = await drain.wire.send(first, batch);
        if (batch.length) return await takeOutcomes(drain, batch, answer, limit);
        if (!Number.isSafeInteger(answer?.expected_sequence)) {
            return wait(problemHere("ANSWER_MALFORMED", 200), null);
        }
        const ended = await takeExpected(drain, answer.expected_sequence);
        return ended ?? { end: "on", expected: answer.expected_sequence, limit };
    } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        return takeProblem(drain, error.problem, limit, batch.length);
    }
}

export async function drainOutbox(drain: Drain): Promise<DrainEnd> {
    let expected = 0;
    let limit = BATCH_EVENTS;
    for (;;) {
        const waiting = await drain.store.waiting(drain.device, BATCH_EVENTS);
        if (!waiting.length) return { end: "done" };
        const next = await step(drain, waiting, expected, limit);
        if (next.end !== "on") return next;
        ({ expected, limit } = next);
    }
}
