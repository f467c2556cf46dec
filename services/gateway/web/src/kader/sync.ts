// sync.ts - when the outbox is sent: at once after a form was saved, when the network or the page comes
// back, and by a timer that grows patient. One sender at a time over all tabs and the service worker (Web
// Locks); where a browser has no locks two senders do no harm, they only say the same twice.
import { ApiError, createApi } from "../shared/api.ts";
import { language } from "../shared/i18n.ts";
import type { Session } from "../shared/session.ts";
import { today } from "./dates.ts";
import { backoffMs, stopHolds, type Entry } from "./outbox.ts";
import { drainOutbox, takeExpected, takeStop, type Drain, type DrainEnd, type Wire } from "./sender.ts";
import type { Device, Store } from "./store.ts";

const LOCK = "cakupan-kader-sender";
const CHANNEL = "cakupan-kader";
const TIMEOUT_MS = 30_000;
const LOCK_RETRY_MS = 2_000;
const SESSION_EVERY_MS = 15 * 60_000;
const ROUND_EVERY_MS = 60_000; // looks again, should a wake-up have been lost

export function makeWire(device: Device, told: () => string): Wire {
    const api = createApi({ token: () => device.token });
    const options = { timeoutMs: TIMEOUT_MS, tries: 1 };
    return {
        session: () => api.get<Session>("/v1/session", options),
        send: (first_sequence, entries: Entry[]) => {
            const events = entries.map((entry) => entry.event);
            return api.send("POST", "/v1/events", { first_sequence, language: told(), events }, options);
        },
    };
}

// Runs `work` where no other tab is sending; null: another one is.
async function alone<Value>(work: () => Promise<Value>): Promise<Value | null> {
    if (!navigator.locks) return work();
    return navigator.locks.request(LOCK, { ifAvailable: true }, (lock) => (lock ? work() : null));
}

// What came of a round. Patience: the city asked for a pause, now or before, and so much is left of it.
type RoundEnd = DrainEnd | { end: "patience"; left_ms: number };

async function drainNow(
    store: Store,
    version: string,
    told: () => string,
    session: boolean,
): Promise<RoundEnd> {
    const { device, stop } = await store.settings();
    if (!device) return { end: "done" };
    if (stop && stopHolds(stop, version)) return { end: "stopped", code: stop.code };
    const left_ms = await store.patienceLeft(Date.now());
    if (left_ms > 0) return { end: "patience", left_ms };
    if (stop) await store.clearStop();
    const drain: Drain = { device: device.device, store, wire: makeWire(device, told), version };
    const ended = session ? await refreshSession(store, drain) : null;
    return bePatient(store, ended ?? (await drainOutbox(drain)));
}

// Keeps the pause that the city asked for where all tabs and the service worker find it.
async function bePatient(store: Store, result: DrainEnd): Promise<RoundEnd> {
    if (result.end !== "retry" || result.after_ms === null) return result;
    const left_ms = backoffMs(1, result.after_ms);
    await store.keepPatience(left_ms, Date.now());
    return { end: "patience", left_ms };
}

// What the device may do now, and where the city stands: a revocation is noticed though nothing waits.
async function refreshSession(store: Store, drain: Drain): Promise<DrainEnd | null> {
    const askedOn = today();
    try {
        const session = await drain.wire.session();
        if (session.device !== drain.device) return null;
        // Where the storage is full this much stays as it was: what waits is sent all the same.
        await store.takeSession(session, askedOn).catch(() => undefined);
        return await takeExpected(drain, session.next_sequence);
    } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        const { problem } = error;
        const after_ms = problem.retry_after_ms ?? null;
        if (problem.status === 0 || after_ms !== null) return { end: "retry", problem, after_ms };
        return takeStop(drain, problem);
    }
}

// One round, for the page and for the service worker's background sync.
export function sendOnce(store: Store, version: string, told: () => string, session = false) {
    return alone(() => drainNow(store, version, told, session));
}

// Tells all tabs that the store has changed.
export function tellTabs(): void {
    const channel = openChannel();
    channel?.postMessage("changed");
    channel?.close();
}

function openChannel(): BroadcastChannel | null {
    return typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(CHANNEL);
}

export type SyncState =
    | { state: "idle" }
    | { state: "sending" }
    | { state: "offline" }
    | { state: "storage" } // the phone's storage refuses
    | { state: "waiting"; until_ms: number }
    | { state: "stopped"; code: string };

export interface Sync {
    wake(session?: boolean): void; // something was saved, or somebody asked
    changed(): void; // the store was changed by something that has not to be sent
    told(listener: () => void): void; // something changed: here, or in another tab
    state(): SyncState;
}

export function startSync(store: Store, version: string): Sync {
    const channel = openChannel();
    const listeners = new Set<() => void>();
    let state: SyncState = { state: "idle" };
    let timer: ReturnType<typeof setTimeout> | undefined;
    let running = false;
    let again = false;
    let failures = 0;
    let sessionAt = -Infinity; // by performance.now(): a phone's clock may be put right

    const tell = () => listeners.forEach((listener) => listener());
    const become = (next: SyncState) => {
        state = next;
        tell();
    };
    const later = (ms: number) => {
        clearTimeout(timer);
        timer = setTimeout(() => void round(), ms);
    };

    const pauseFor = (ms: number) => {
        become({ state: "waiting", until_ms: Date.now() + ms });
        later(ms);
    };

    function finish(result: RoundEnd | null): void {
        if (result === null) return later(LOCK_RETRY_MS); // another tab sends, and takes ours along
        if (result.end === "patience") return pauseFor(result.left_ms);
        if (result.end === "retry") {
            failures += 1;
            const pause = backoffMs(failures, null);
            if (result.problem.code !== "NETWORK_UNREACHABLE") return pauseFor(pause);
            become({ state: "offline" });
            return later(pause);
        }
        failures = 0;
        become(result.end === "stopped" ? { state: "stopped", code: result.code } : { state: "idle" });
        later(ROUND_EVERY_MS);
    }

    async function round(): Promise<void> {
        if (running) {
            again = true;
            return;
        }
        running = true;
        again = false;
        const session = performance.now() - sessionAt > SESSION_EVERY_MS;
        try {
            if ((await store.counts()).waiting) become({ state: "sending" });
            const result = await sendOnce(store, version, language, session);
            if (session && result?.end === "done") sessionAt = performance.now();
            finish(result);
        } catch (error) {
            console.error("sync:", error instanceof Error ? error.name : "failed");
            become({ state: "storage" });
            later(ROUND_EVERY_MS);
        } finally {
            running = false;
            channel?.postMessage("changed");
            if (again) later(0);
        }
    }

    const wake = (session = false) => {
        if (session) sessionAt = -Infinity;
        failures = 0;
        channel?.postMessage("changed");
        later(0);
    };
    const changed = () => {
        channel?.postMessage("changed");
        tell();
    };
    channel?.addEventListener("message", tell);
    addEventListener("online", () => wake());
    addEventListener("focus", () => wake());
    addEventListener("pageshow", () => wake());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && wake());
    return { wake, changed, told: (listener) => void listeners.add(listener), state: () => state };
}
