// kader_outbox.test.ts - the outbox against a city that loses answers, is busy, forgets, or is somebody else.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError, type Problem } from "../src/shared/api.ts";
import type { Session } from "../src/shared/session.ts";
import {
    backoffMs,
    judgeExpected,
    keeping,
    masked,
    nextBatch,
    patienceLeft,
    readOutcomes,
    readProblem,
    settle,
    stateOf,
    stopHolds,
    type Counters,
    type Entry,
    type EventAnswer,
    type Outcome,
    type Stop,
} from "../src/kader/outbox.ts";
import { drainOutbox, takeExpected, type OutboxStore, type Wire } from "../src/kader/sender.ts";

function entry(sequence: number, nik = `n${sequence}`): Entry {
    return {
        id: sequence,
        device: 5,
        sequence,
        state: "waiting",
        kind: "ENROL",
        event: { kind: "ENROL", captured_at_ms: sequence, author: "Siti", nik },
        name: "Aminah",
        number: "3671**********01",
        captured_at_ms: sequence,
        answered_at_ms: null,
        outcome: null,
        corrects: null,
        closed_by: null,
    };
}

// The store's promises, in memory.
class MemoryStore implements OutboxStore {
    entries: Entry[] = [];
    state: Counters = { next_sequence: 1, answered: 0, queued: 0 };
    stopped: Stop | null = null;
    device = 5;

    queue(count: number): this {
        for (let added = 0; added < count; added += 1) {
            this.entries.push(entry(this.state.next_sequence));
            this.state.next_sequence += 1;
            this.state.queued += 1;
        }
        return this;
    }
    async counters(device: number): Promise<Counters | null> {
        return device === this.device ? { ...this.state } : null;
    }
    async waiting(device: number, limit: number): Promise<Entry[]> {
        const all = this.entries.filter((one) => one.state === "waiting" && one.device === device);
        return structuredClone(all.slice(0, limit));
    }
    async answer(_device: number, outcomes: Outcome[], nowMs: number): Promise<void> {
        for (const outcome of outcomes) {
            const found = this.entries.find((one) => one.sequence === outcome.sequence);
            assert.equal(found?.state, "waiting", "an entry is answered once");
            Object.assign(found, { state: outcome.outcome, outcome, answered_at_ms: nowMs });
            this.state.answered = Math.max(this.state.answered, outcome.sequence);
        }
    }
    async adopt(_device: number, expected: number): Promise<void> {
        this.state = { next_sequence: expected, answered: expected - 1, queued: 0 };
    }
    async stop(_device: number, stop: Stop): Promise<void> {
        this.stopped = stop;
    }
}

type Mischief = "lose the answer" | "lose the request" | "busy" | "answer short" | "too large";

// Enrollment as the protocol has it: the same number with the same content gets the same answer.
class City implements Wire {
    readonly kept = new Map<number, { content: string; outcome: Outcome }>();
    readonly mischief: Mischief[] = [];
    readonly sizes: number[] = [];
    persons: string[] = [];

    get expected(): number {
        return this.kept.size + 1;
    }
    async session(): Promise<Session> {
        throw new Error("not asked here");
    }
    private keep(first: number, entries: Entry[]): Outcome[] {
        return entries.map((one, index) => {
            const sequence = first + index;
            const content = JSON.stringify(one.event);
            const before = this.kept.get(sequence);
            if (before) {
                const same = before.content === content;
                return same ? before.outcome : { ...before.outcome, outcome: "refused", code: "ID_REUSED" };
            }
            const nik = String(one.event?.["nik"]);
            const known = this.persons.includes(nik);
            if (!known) this.persons.push(nik);
            const outcome: Outcome = {
                sequence,
                outcome: known ? "refused" : "accepted",
                offset: 100 + sequence,
                code: known ? "ALREADY_REGISTERED" : "",
                warning: "",
                field: "",
                value: "",
                sentence: "",
            };
            this.kept.set(sequence, { content, outcome });
            return outcome;
        });
    }
    async send(first: number, entries: Entry[]): Promise<EventAnswer> {
        const how = entries.length ? this.mischief.shift() : undefined;
        if (how === "lose the request") throw problem("NETWORK_UNREACHABLE", 0);
        if (how === "busy") throw problem("BUSY", 503, { retry_after_ms: 700 });
        if (how === "too large") throw problem("BODY_TOO_LARGE", 413);
        if (entries.length && first > this.expected)
            throw problem("SEQUENCE_GAP", 409, { expected_sequence: this.expected });
        const outcomes = this.keep(first, entries);
        if (entries.length) this.sizes.push(entries.length);
        if (how === "lose the answer") throw problem("TIMEOUT", 0);
        return {
            first_sequence: first,
            count: entries.length,
            expected_sequence: this.expected,
            outcomes: how === "answer short" ? outcomes.slice(1) : outcomes,
        };
    }
}

function problem(code: string, status: number, more: Partial<Problem> = {}): ApiError {
    return new ApiError({ code, status, detail: code, ...more });
}

function drain(store: OutboxStore, wire: Wire) {
    return drainOutbox({ device: 5, store, wire, version: "v1", now: () => 1000 });
}

test("everything that waits is sent in order and answered once", async () => {
    const [store, city] = [new MemoryStore().queue(250), new City()];
    assert.deepEqual(await drain(store, city), { end: "done" });
    assert.deepEqual(city.sizes, [100, 100, 50]);
    assert.equal(city.persons.length, 250);
    assert.ok(store.entries.every((one) => one.state === "accepted"));
});

test("whatever is lost on the way, fifty people are fifty people", async () => {
    const kinds: Mischief[] = ["lose the answer", "lose the request", "busy", "answer short", "too large"];
    for (let seed = 1; seed <= 200; seed += 1) {
        const [store, city] = [new MemoryStore().queue(50), new City()];
        let random = seed;
        const next = (below: number) => (random = (random * 48271) % 2147483647) % below;
        for (let round = 0; round < 6; round += 1) city.mischief.push(kinds[next(5)] as Mischief);
        for (let round = 0; round < 20; round += 1) {
            if (round < 5) store.queue(next(3));
            const result = await drain(store, city);
            assert.notEqual(result.end, "stopped", `seed ${seed}`);
            if (result.end === "done" && round >= 5) break;
        }
        assert.equal(city.persons.length, store.entries.length, `seed ${seed}`);
        assert.ok(
            store.entries.every((one) => one.state === "accepted"),
            `seed ${seed}`,
        );
    }
});

test("what the city has already is repeated and answered before anything new goes", async () => {
    const [store, city] = [new MemoryStore().queue(5), new City()];
    city.mischief.push("lose the answer");
    assert.equal((await drain(store, city)).end, "retry");
    store.queue(3);
    city.sizes.length = 0;
    assert.deepEqual(await drain(store, city), { end: "done" });
    assert.deepEqual(city.sizes, [5, 3]);
});

test("the server's patience is passed on", async () => {
    const [store, city] = [new MemoryStore().queue(1), new City()];
    city.mischief.push("busy");
    const result = await drain(store, city);
    assert.equal(result.end === "retry" && result.after_ms, 700);
});

test("an outbox that is behind sends nothing and stops; an empty one goes on from there", async () => {
    const [store, city] = [new MemoryStore().queue(2), new City()];
    for (let sequence = 1; sequence <= 9; sequence += 1)
        await city.send(sequence, [entry(sequence, `x${sequence}`)]);
    assert.deepEqual(await drain(store, city), { end: "stopped", code: "OUTBOX_BEHIND" });
    assert.equal(store.stopped?.code, "OUTBOX_BEHIND");
    assert.ok(store.entries.every((one) => one.state === "waiting"));
    const wiped = new MemoryStore();
    const asked = { device: 5, store: wiped, wire: city, version: "v1" };
    assert.equal(await takeExpected(asked, city.expected), null);
    assert.equal(wiped.state.next_sequence, 10);
    assert.deepEqual(await drain(wiped.queue(1), city), { end: "done" });
    assert.equal(city.persons.length, 10);
});

test("a city that knows less than it answered stops the phone", async () => {
    const store = new MemoryStore().queue(3);
    assert.deepEqual(await drain(store, new City()), { end: "done" });
    store.queue(1);
    assert.deepEqual(await drain(store, new City()), { end: "stopped", code: "ENROLLMENT_BEHIND" });
    assert.equal(store.entries[3]?.state, "waiting");
});

test("a copied outbox is found out: what was answered before stays, the rest waits", async () => {
    const [store, city] = [new MemoryStore().queue(3), new City()];
    await city.send(1, [entry(1), entry(2, "somebody else")]);
    assert.deepEqual(await drain(store, city), { end: "stopped", code: "ID_REUSED" });
    assert.deepEqual(
        store.entries.map((one) => one.state),
        ["accepted", "waiting", "waiting"],
    );
});

test("a revoked token stops, a login page or a proxy's error does not", async () => {
    for (const code of ["DEVICE_REVOKED", "TOKEN_UNKNOWN"]) {
        const store = new MemoryStore().queue(1);
        const wire = { session: new City().session, send: () => Promise.reject(problem(code, 401)) };
        assert.deepEqual(await drain(store, wire), { end: "stopped", code });
        assert.equal(store.entries[0]?.state, "waiting");
    }
    for (const [code, status] of [
        ["ANSWER_MALFORMED", 401],
        ["ANSWER_MALFORMED", 403],
        ["INTERNAL", 500],
        ["ENROLLMENT_AWAY", 503],
        ["RATE_LIMITED", 429],
        ["PATH_UNKNOWN", 404],
    ] as const) {
        assert.equal(readProblem({ code, status, detail: "" }).kind, "wait", code);
    }
});

test("an answer that is no answer settles nothing", async () => {
    const batch = [entry(1), entry(2)];
    const good: Outcome = {
        sequence: 1,
        outcome: "accepted",
        offset: 1,
        code: "",
        warning: "",
        field: "",
        value: "",
        sentence: "",
    };
    const answer = {
        first_sequence: 1,
        count: 2,
        expected_sequence: 3,
        outcomes: [good, { ...good, sequence: 2 }],
    };
    assert.equal(readOutcomes(answer, batch)?.length, 2);
    assert.equal(readOutcomes({ ...answer, first_sequence: 2 }, batch), null);
    assert.equal(readOutcomes({ ...answer, outcomes: [good] }, batch), null);
    assert.equal(readOutcomes({ ...answer, outcomes: [good, good] }, batch), null);
    assert.equal(
        readOutcomes({ ...answer, outcomes: [good, { ...good, sequence: 2, outcome: "refused" }] }, batch),
        null,
    );
    assert.equal(readOutcomes(null as unknown as EventAnswer, batch), null);
    const store = new MemoryStore().queue(1);
    const portal = { session: new City().session, send: async () => ({}) as EventAnswer };
    assert.equal((await drain(store, portal)).end, "retry");
});

test("what enrollment expects has one meaning at each place", () => {
    const counters = { next_sequence: 8, answered: 4, queued: 7 };
    assert.deepEqual(judgeExpected(4, counters), { stop: "ENROLLMENT_BEHIND" });
    for (const expected of [5, 6, 7, 8]) assert.deepEqual(judgeExpected(expected, counters), { go: true });
    assert.deepEqual(judgeExpected(9, counters), { stop: "OUTBOX_BEHIND" });
    assert.deepEqual(judgeExpected(9, { next_sequence: 1, answered: 0, queued: 0 }), { adopt: 9 });
    assert.deepEqual(
        nextBatch([entry(3), entry(4), entry(5)], 5, 10).map((one) => one.sequence),
        [3, 4],
    );
});

test("the pause grows, has a bound, is never the same for all, and respects the server's", () => {
    assert.equal(
        backoffMs(1, null, () => 0),
        1000,
    );
    assert.equal(
        backoffMs(1, null, () => 1),
        2000,
    );
    assert.equal(
        backoffMs(60, null, () => 1),
        300_000,
    );
    assert.ok(backoffMs(1, 9000, () => 0) >= 9000);
});

test("the city's pause holds for everybody who reads it, but not against a clock that was put back", () => {
    const patience = { until_ms: 10_000, pause_ms: 4_000 };
    assert.equal(patienceLeft(patience, 6_000), 4_000);
    assert.equal(patienceLeft(patience, 9_999), 1);
    assert.equal(patienceLeft(patience, 10_000), 0);
    assert.equal(patienceLeft(patience, 5_999), 0);
    assert.equal(patienceLeft(null, 1), 0);
});

test("a newborn that arrived before the phone was paired anew is accepted: nothing to correct", () => {
    const known: Outcome = {
        sequence: 1,
        outcome: "refused",
        offset: 9,
        code: "ALREADY_REGISTERED",
        warning: "",
        field: "",
        value: "",
        sentence: "Sudah terdaftar.",
    };
    const event = { kind: "BIRTH", captured_at_ms: 1, author: "Siti" };
    const newborn: Entry = {
        ...entry(1),
        kind: "BIRTH",
        event: { ...event, temporary_id: "17" },
        moved: true,
    };
    assert.equal(settle(newborn, known, 5).state, "accepted");
    assert.equal(settle(newborn, known, 5).outcome?.code, "");
    assert.equal(settle({ ...newborn, moved: false }, known, 5).state, "refused", "another child's number");
    assert.equal(settle(newborn, { ...known, code: "MOTHER_UNKNOWN" }, 5).state, "refused");
    const withNik: Entry = { ...newborn, event: { ...event, nik: "3671052011260001" } };
    assert.equal(settle(withNik, known, 5).state, "refused");
});

test("a version's stop ends with the next version, a revocation does not", () => {
    const stop = (code: string) => ({ code, sentence: "", version: "v1" });
    assert.equal(stopHolds(stop("FRAME_MALFORMED"), "v1"), true);
    assert.equal(stopHolds(stop("FRAME_MALFORMED"), "v2"), false);
    assert.equal(stopHolds(stop("DEVICE_REVOKED"), "v2"), true);
    assert.equal(stopHolds(null, "v1"), false);
});

test("people's data leaves the phone some days after it was answered; what needs work stays", () => {
    const day = 86_400_000;
    const done: Entry = { ...entry(1), state: "accepted", answered_at_ms: 0 };
    assert.equal(keeping(done, 2 * day), "whole");
    assert.equal(keeping(done, 4 * day), "mask");
    assert.equal(keeping(done, 61 * day), "delete");
    assert.equal(keeping({ ...done, state: "refused" }, 90 * day), "whole");
    assert.equal(keeping({ ...done, state: "refused", closed_by: 9 }, 4 * day), "mask");
    assert.equal(keeping(entry(1), 90 * day), "whole");
    assert.doesNotMatch(JSON.stringify(masked(entry(1, "3671054107900001"))), /3671054107900001|Aminah|Siti/);
});

test("a layoff kept for the labour office is no refusal to correct, and is masked in time", () => {
    const outcome: Outcome = {
        sequence: 1,
        outcome: "refused",
        offset: 9,
        code: "LAYOFF_REPORTED",
        warning: "",
        field: "",
        value: "",
        sentence: "",
    };
    assert.equal(stateOf(outcome), "forwarded");
    assert.equal(stateOf({ ...outcome, code: "NOT_EMPLOYED" }), "refused");
    assert.equal(stateOf({ ...outcome, outcome: "accepted", code: "" }), "accepted");
    const forwarded: Entry = { ...entry(1), state: "forwarded", answered_at_ms: 0 };
    assert.equal(keeping(forwarded, 86_400_000), "whole");
    assert.equal(keeping(forwarded, 4 * 86_400_000), "mask");
});
