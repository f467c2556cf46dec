// store.ts - what the phone keeps, in IndexedDB: the pairing, the outbox, the city's regions and codes. Every
// function is one transaction; when it resolves, its change is on the disk.
import { makeNonce } from "../shared/nonce.ts";
import type { Session } from "../shared/session.ts";
import { heardDay, today, type Clock } from "./dates.ts";
import { ask, Database } from "./database.ts";
import { temporaryId, temporaryName } from "./identity.ts";
import {
    isOpen,
    keeping,
    KNOWN_ALREADY,
    masked,
    patienceLeft,
    settle,
    type CapturedEvent,
    type Counters,
    type Entry,
    type Outcome,
    type Patience,
    type Stop,
} from "./outbox.ts";
import type { OutboxStore } from "./sender.ts";

export interface Device {
    token: string;
    device: number;
    name: string;
    role: string;
    area: string;
    area_name: string;
    may: string[];
    author: string;
    clock?: Clock; // when the city was heard last
}

export interface PairReply {
    token: string;
    device: number;
    name: string;
    role: string;
    area: string;
    next_sequence: number;
}

// What a form hands over: the fields, and what is shown of the person in the list.
export interface Capture {
    event: CapturedEvent;
    name: string;
    number: string; // masked; "" for a newborn that gets a number here
    temporary: boolean; // the newborn has no NIK: makes a number
    corrects: number | null;
}

// The entry to be corrected has been corrected or put aside meanwhile: in another tab, say, or it is an old
// form that the phone's "back" brought again. Nothing was stored.
export class CorrectionClosed extends Error {
    constructor() {
        super("What was to be corrected is dealt with already.");
        this.name = "CorrectionClosed";
    }
}

export interface Counts {
    waiting: number;
    accepted: number; // forwarded ones as well
    refused: number; // not dealt with yet
}

export interface Settings {
    device: Device | null;
    stop: Stop | null;
    regions: unknown;
    codes: unknown;
    adopted: number; // sequences used before this phone's storage began; 0: none
}

type Tables = { settings: IDBObjectStore; entries: IDBObjectStore };

function tables(transaction: IDBTransaction): Tables {
    return { settings: transaction.objectStore("settings"), entries: transaction.objectStore("entries") };
}

async function read<Value>(settings: IDBObjectStore, key: string): Promise<Value | null> {
    return ((await ask(settings.get(key))) as Value | undefined) ?? null;
}

const EMPTY: Counters = { next_sequence: 1, answered: 0, queued: 0 };
const STATE_INDEX = "state";

function ofState(device: number, state: string): IDBKeyRange {
    return IDBKeyRange.bound([device, state, 0], [device, state, Number.MAX_SAFE_INTEGER]);
}

// Stops that mean that another outbox uses the same numbers: a newborn's number may be another child's.
const COPIED = ["ID_REUSED", "OUTBOX_BEHIND", "ENROLLMENT_BEHIND"];

// Moves what was never answered to a new pairing's numbers, in order. Were it stored under the old number
// after all, the person is known by NIK, or by the newborn's number, which stays: enrollment says so,
// nobody is doubled.
async function moveWaiting(
    entries: IDBObjectStore,
    copied: boolean,
    from: number,
    to: { device: number; first: number },
): Promise<number> {
    const waiting = (await ask(entries.index(STATE_INDEX).getAll(ofState(from, "waiting")))) as Entry[];
    waiting.forEach((entry, index) =>
        entries.put({ ...entry, device: to.device, sequence: to.first + index, moved: !copied }),
    );
    return waiting.length;
}

export class Store implements OutboxStore {
    private constructor(private readonly database: Database) {}

    static async open(onOutdated: () => void): Promise<Store> {
        return new Store(await Database.open(onOutdated));
    }

    private write<Value>(work: (tables: Tables) => Promise<Value>): Promise<Value> {
        return this.database.transact("readwrite", ["settings", "entries"], (t) => work(tables(t)));
    }

    private look<Value>(work: (tables: Tables) => Promise<Value>): Promise<Value> {
        return this.database.transact("readonly", ["settings", "entries"], (t) => work(tables(t)));
    }

    settings(): Promise<Settings> {
        return this.look(async ({ settings }) => ({
            device: await read<Device>(settings, "device"),
            stop: await read<Stop>(settings, "stop"),
            regions: await read(settings, "regions"),
            codes: await read(settings, "codes"),
            adopted: (await read<number>(settings, "adopted")) ?? 0,
        }));
    }

    keep(key: "regions" | "codes" | "language", value: unknown): Promise<void> {
        return this.write(async ({ settings }) => void settings.put(value, key));
    }

    kept<Value>(key: string): Promise<Value | null> {
        return this.look(({ settings }) => read<Value>(settings, key));
    }

    // The nonce of this code, made when the code is first tried and kept until the token is here: a lost
    // answer gives the same token again.
    pairingNonce(code: string): Promise<string> {
        return this.write(async ({ settings }) => {
            const begun = await read<{ code: string; nonce: string }>(settings, "pairing");
            if (begun?.code === code) return begun.nonce;
            const nonce = makeNonce();
            settings.put({ code, nonce }, "pairing");
            return nonce;
        });
    }

    // Takes the device over. The same device again (an answer that was lost) changes nothing but the token.
    pair(reply: PairReply, author: string): Promise<void> {
        return this.write(async ({ settings, entries }) => {
            const before = await read<Device>(settings, "device");
            const copied = (await read<boolean>(settings, "copied")) ?? false;
            const { token, device, name, role, area } = reply;
            settings.put({ token, device, name, role, area, area_name: "", may: [], author }, "device");
            settings.delete("pairing");
            settings.delete("stop");
            settings.delete("copied");
            if (before?.device === device) return;
            const first = reply.next_sequence;
            const moved = before ? await moveWaiting(entries, copied, before.device, { device, first }) : 0;
            const counters = { next_sequence: first + moved, answered: first - 1, queued: moved };
            settings.put(counters, "counters");
            settings.put(first - 1, "adopted");
        });
    }

    setAuthor(author: string): Promise<void> {
        return this.write(async ({ settings }) => {
            const device = await read<Device>(settings, "device");
            if (device) settings.put({ ...device, author }, "device");
        });
    }

    // What the server says of the device now.
    takeSession(session: Session, askedOn: string): Promise<void> {
        return this.write(async ({ settings }) => {
            const device = await read<Device>(settings, "device");
            if (device?.device !== session.device) return;
            const { name, role, area, area_name, may, day } = session;
            const clock = heardDay(day, askedOn, today());
            settings.put({ ...device, name, role, area, area_name, may, clock }, "device");
        });
    }

    // The city asked this phone to wait: nobody's tap, no other tab and no service worker makes that shorter.
    keepPatience(pause_ms: number, nowMs: number): Promise<void> {
        const patience: Patience = { until_ms: nowMs + pause_ms, pause_ms };
        return this.write(async ({ settings }) => void settings.put(patience, "patience"));
    }

    patienceLeft(nowMs: number): Promise<number> {
        return this.look(async ({ settings }) => patienceLeft(await read(settings, "patience"), nowMs));
    }

    // Gives entries their sequences and stores them, all or none; throws CorrectionClosed where one corrects
    // what needs no correction any more.
    queue(captures: Capture[]): Promise<Entry[]> {
        return this.write(async ({ settings, entries }) => {
            const device = await read<Device>(settings, "device");
            if (!device) throw new Error("No device is paired.");
            const counters = (await read<Counters>(settings, "counters")) ?? EMPTY;
            let lastId = (await read<number>(settings, "last_id")) ?? 0;
            const made: Entry[] = [];
            for (const capture of captures) {
                lastId += 1;
                const corrected = await openRefusal(entries, capture.corrects);
                const entry = makeEntry(capture, device.device, counters.next_sequence, lastId, corrected);
                counters.next_sequence += 1;
                counters.queued += 1;
                entries.add(entry);
                made.push(entry);
                if (corrected) entries.put({ ...corrected, closed_by: entry.id });
            }
            settings.put(counters, "counters");
            settings.put(lastId, "last_id");
            return made;
        });
    }

    counters(device: number): Promise<Counters | null> {
        return this.look(async ({ settings }) => {
            const paired = await read<Device>(settings, "device");
            return paired?.device === device ? ((await read<Counters>(settings, "counters")) ?? EMPTY) : null;
        });
    }

    waiting(device: number, limit: number): Promise<Entry[]> {
        return this.look(async ({ entries }) => {
            return (await ask(
                entries.index(STATE_INDEX).getAll(ofState(device, "waiting"), limit),
            )) as Entry[];
        });
    }

    // Writes what the city said. An entry that has its answer keeps it: another tab may have been faster.
    answer(device: number, outcomes: Outcome[], nowMs: number): Promise<void> {
        return this.write(async ({ settings, entries }) => {
            const paired = await read<Device>(settings, "device");
            const counters = await read<Counters>(settings, "counters");
            if (paired?.device !== device || !counters) return;
            const waiting = (await ask(
                entries.index(STATE_INDEX).getAll(ofState(device, "waiting")),
            )) as Entry[];
            const bySequence = new Map(waiting.map((entry) => [entry.sequence, entry]));
            for (const outcome of outcomes) {
                const entry = bySequence.get(outcome.sequence);
                if (!entry) continue;
                entries.put(settle(entry, outcome, nowMs));
                counters.answered = Math.max(counters.answered, outcome.sequence);
            }
            settings.put(counters, "counters");
        });
    }

    // The storage is younger than the device: goes on where the city stands.
    adopt(device: number, expected: number): Promise<void> {
        return this.write(async ({ settings }) => {
            const paired = await read<Device>(settings, "device");
            const counters = (await read<Counters>(settings, "counters")) ?? EMPTY;
            if (paired?.device !== device || counters.queued > 0) return;
            settings.put({ next_sequence: expected, answered: expected - 1, queued: 0 }, "counters");
            settings.put(expected - 1, "adopted");
        });
    }

    stop(device: number, stop: Stop): Promise<void> {
        return this.write(async ({ settings }) => {
            const paired = await read<Device>(settings, "device");
            if (paired?.device !== device) return;
            settings.put(stop, "stop");
            if (COPIED.includes(stop.code)) settings.put(true, "copied");
        });
    }

    clearStop(): Promise<void> {
        return this.write(async ({ settings }) => void settings.delete("stop"));
    }

    // Newest first.
    list(): Promise<Entry[]> {
        return this.look(async ({ entries }) => ((await ask(entries.getAll())) as Entry[]).reverse());
    }

    entry(id: number): Promise<Entry | null> {
        return this.look(async ({ entries }) => ((await ask(entries.get(id))) as Entry | undefined) ?? null);
    }

    async counts(): Promise<Counts> {
        const counts: Counts = { waiting: 0, accepted: 0, refused: 0 };
        for (const entry of await this.list()) {
            const shown = entry.state === "forwarded" ? "accepted" : entry.state;
            if (shown !== "refused" || entry.closed_by === null) counts[shown] += 1;
        }
        return counts;
    }

    // A refused entry that needs nothing more: the person is registered already, say.
    putAside(id: number): Promise<void> {
        return this.write(async ({ entries }) => {
            const entry = (await ask(entries.get(id))) as Entry | undefined;
            if (entry && isOpen(entry)) entries.put({ ...entry, closed_by: id });
        });
    }

    // Masks and deletes what has been kept long enough.
    tidy(nowMs: number): Promise<void> {
        return this.write(async ({ entries }) => {
            for (const entry of (await ask(entries.getAll())) as Entry[]) {
                const what = keeping(entry, nowMs);
                if (what === "delete") entries.delete(entry.id);
                else if (what === "mask" && entry.event?.author) entries.put(masked(entry));
            }
        });
    }
}

// A newborn's number names the child: a correction keeps it, but where the city knows another by it.
function numberFor(device: number, sequence: number, corrected: Entry | null): string {
    const before = corrected?.event?.["temporary_id"];
    const another = corrected?.outcome?.code === KNOWN_ALREADY;
    return before === undefined || another ? temporaryId(device, sequence) : String(before);
}

function makeEntry(
    capture: Capture,
    device: number,
    sequence: number,
    id: number,
    corrected: Entry | null,
): Entry {
    const temporary_id = capture.temporary ? numberFor(device, sequence, corrected) : "";
    return {
        id,
        device,
        sequence,
        state: "waiting",
        kind: capture.event.kind,
        event: { ...capture.event, ...(temporary_id ? { temporary_id } : {}) },
        name: capture.name,
        number: temporary_id ? temporaryName(temporary_id) : capture.number,
        captured_at_ms: capture.event.captured_at_ms,
        answered_at_ms: null,
        outcome: null,
        corrects: capture.corrects,
        closed_by: null,
        moved: corrected?.moved === true,
    };
}

// Only a refused entry can be replaced or put aside, and once. No id: null.
async function openRefusal(entries: IDBObjectStore, id: number | null): Promise<Entry | null> {
    if (id === null) return null;
    const entry = (await ask(entries.get(id))) as Entry | undefined;
    if (!entry || !isOpen(entry)) throw new CorrectionClosed();
    return entry;
}
