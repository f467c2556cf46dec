// stream.ts - server-sent events over fetch (EventSource can send no token): resumes by Last-Event-ID, waits
// ever longer between tries, and says plainly how fresh the figures are.
//
// connecting -> live <-> stale (nothing heard for a while) -> disconnected -> live ...; `away`: the server
// tells that its own source is gone; `ended`: it closed for good (a revoked token).
export type StreamState = "connecting" | "live" | "stale" | "away" | "disconnected" | "ended";

export interface StreamEvent {
    event: string;
    id: string | null;
    data: string;
}

export interface StreamOptions {
    url: string;
    token: () => string | null;
    onEvent: (event: StreamEvent) => void;
    onState: (state: StreamState, since: Date) => void;
    fetch?: typeof fetch;
    staleAfterMs?: number; // the server pings every 15 s
    retryMs?: number;
}

export interface Stream {
    restart(): void; // after a change of token
    close(): void;
}

const STALE_AFTER_MS = 20_000;
const DEAD_AFTER_STALE_MS = 20_000;
const RETRY_MS = 1_000;
const RETRY_MS_MAX = 15_000;
const BUFFER_CHARACTERS_MAX = 4 * 1024 * 1024;

// Cuts text into events, as the HTML standard says (section 9.2.6); comments and unknown fields are ignored.
export class StreamParser {
    private rest = "";
    private data: string[] = [];
    private event = "";
    lastId: string | null = null;
    retryMs: number | null = null;

    push(text: string): StreamEvent[] {
        const events: StreamEvent[] = [];
        this.rest += text;
        if (this.rest.length > BUFFER_CHARACTERS_MAX) throw new Error("A line of the stream has no end.");
        const lines = this.rest.split(/\r\n|\n|\r(?!$)/);
        this.rest = lines.pop() ?? "";
        for (const line of lines) {
            if (line === "") this.dispatch(events);
            else this.field(line);
        }
        return events;
    }

    private field(line: string): void {
        const colon = line.indexOf(":");
        if (colon === 0) return;
        const name = colon < 0 ? line : line.slice(0, colon);
        const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
        if (name === "data") this.data.push(value);
        else if (name === "event") this.event = value;
        else if (name === "id" && !value.includes("\0")) this.lastId = value;
        else if (name === "retry" && /^\d+$/.test(value)) this.retryMs = Number(value);
    }

    private dispatch(events: StreamEvent[]): void {
        if (this.data.length) {
            events.push({ event: this.event || "message", id: this.lastId, data: this.data.join("\n") });
        }
        this.data = [];
        this.event = "";
    }
}

export function openStream(options: StreamOptions): Stream {
    const call = options.fetch ?? globalThis.fetch.bind(globalThis);
    const staleAfterMs = options.staleAfterMs ?? STALE_AFTER_MS;
    let state: StreamState | null = null;
    let lastId: string | null = null;
    let heardAt = new Date();
    let failures = 0;
    let retryMs = options.retryMs ?? RETRY_MS;
    let ending: AbortController | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let closed = false;

    function tell(next: StreamState): void {
        if (closed || state === next) return;
        state = next;
        options.onState(next, heardAt);
    }

    function watch(own: AbortController): ReturnType<typeof setInterval> {
        return setInterval(
            () => {
                const quietMs = Date.now() - heardAt.getTime();
                if (quietMs > staleAfterMs && state === "live") tell("stale");
                if (quietMs > staleAfterMs + DEAD_AFTER_STALE_MS) own.abort();
            },
            Math.min(1000, staleAfterMs),
        );
    }

    function hear(event: StreamEvent): void {
        if (event.event === "away") return tell("away");
        if (event.event === "end") {
            if ((JSON.parse(event.data) as { code?: string }).code === "DEVICE_REVOKED") {
                end();
            }
            return;
        }
        options.onEvent(event);
        tell("live");
    }

    async function listen(own: AbortController): Promise<void> {
        const token = options.token();
        const headers: Record<string, string> = { Accept: "text/event-stream" };
        if (token) headers["Authorization"] = `Bearer ${token}`;
        if (lastId) headers["Last-Event-ID"] = lastId;
        const answer = await call(options.url, { headers, signal: own.signal, cache: "no-store" });
        if (!answer.ok || !answer.body)
            throw new Error(`The stream was answered with status ${answer.status}.`);
        const parser = new StreamParser();
        const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
        for (;;) {
            const { done, value } = await reader.read();
            if (done || own.signal.aborted) return;
            heardAt = new Date();
            failures = 0;
            if (state === "stale") tell("live");
            for (const event of parser.push(value)) {
                hear(event);
                if (own.signal.aborted) return; // what comes after an end is nobody's
            }
            lastId = parser.lastId ?? lastId;
            retryMs = parser.retryMs ?? retryMs;
        }
    }

    async function run(): Promise<void> {
        const own = new AbortController();
        ending = own;
        heardAt = state === null ? new Date() : heardAt;
        const startedAt = heardAt;
        if (state === null) tell("connecting");
        const watcher = watch(own);
        try {
            await listen(own);
        } catch {
            // Whatever ended it, the next try is the answer.
        }
        clearInterval(watcher);
        if (closed || ending !== own) return;
        if (heardAt === startedAt) failures += 1;
        tell("disconnected");
        const pauseMs = Math.min(RETRY_MS_MAX, retryMs * 2 ** Math.max(0, failures - 1));
        timer = setTimeout(() => void run(), pauseMs * (0.8 + 0.4 * Math.random()));
    }

    function now(): void {
        if (closed || state === "live") return;
        clearTimeout(timer);
        ending?.abort();
        void run();
    }

    // For good, unless whoever is told of it begins anew at once: everything of this run has ended by then.
    function end(): void {
        close();
        state = "ended";
        options.onState(state, heardAt);
    }

    function close(): void {
        closed = true;
        clearTimeout(timer);
        ending?.abort();
        globalThis.removeEventListener?.("online", now);
    }

    function begin(): void {
        lastId = null;
        state = null;
        closed = false;
        globalThis.addEventListener?.("online", now);
        now();
    }

    begin();
    return { restart: begin, close };
}
