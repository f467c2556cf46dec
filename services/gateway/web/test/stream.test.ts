// stream.test.ts - server-sent events cut anywhere, and the states of a stream.
import assert from "node:assert/strict";
import { test } from "node:test";
import { StreamParser, openStream } from "../src/shared/stream.ts";
import type { Stream, StreamEvent, StreamState } from "../src/shared/stream.ts";

const TEXT =
    'retry: 1000\n\n: ping\n\nevent: totals\r\nid: 7-ab\r\ndata: {"a":\r\ndata: 1}\r\n\r\ndata: x\n\n';

test("events are the same wherever the network cuts them", () => {
    const whole = new StreamParser().push(TEXT);
    assert.deepEqual(whole, [
        { event: "totals", id: "7-ab", data: '{"a":\n1}' },
        { event: "message", id: "7-ab", data: "x" },
    ]);
    for (let cut = 1; cut < TEXT.length; cut += 1) {
        const parser = new StreamParser();
        assert.deepEqual(
            [...parser.push(TEXT.slice(0, cut)), ...parser.push(TEXT.slice(cut))],
            whole,
            `cut ${cut}`,
        );
        assert.equal(parser.retryMs, 1000);
    }
});

test("a line without end is not kept without end", () => {
    const parser = new StreamParser();
    assert.throws(() => {
        for (let round = 0; round < 100; round += 1) parser.push("x".repeat(100_000));
    });
});

function body(text: string): Response {
    return new Response(new Blob([text]).stream());
}

// Waits until something holds, 2 s at most.
async function moment(holds: () => boolean): Promise<void> {
    const end = Date.now() + 2_000;
    while (!holds() && Date.now() < end) await new Promise((done) => setTimeout(done, 1));
}

test("a stream that breaks off goes on from the last event", async () => {
    const asked: (string | undefined)[] = [];
    const states: StreamState[] = [];
    const events: StreamEvent[] = [];
    const answers = [
        "id: 1-a\ndata: one\n\n",
        "id: 2-b\ndata: two\n\n",
        'event: end\ndata: {"code":"DEVICE_REVOKED"}\n\n',
    ];
    await new Promise<void>((done) => {
        openStream({
            url: "/v1/totals/stream",
            token: () => null,
            retryMs: 1,
            onEvent: (event) => events.push(event),
            onState: (state) => {
                states.push(state);
                if (state === "ended") done();
            },
            fetch: (async (_: string, init: RequestInit) => {
                asked.push((init.headers as Record<string, string>)["Last-Event-ID"]);
                return body(answers.shift() ?? "");
            }) as typeof fetch,
        });
    });
    assert.deepEqual(asked, [undefined, "1-a", "2-b"]);
    assert.deepEqual(
        events.map((event) => event.data),
        ["one", "two"],
    );
    assert.deepEqual(states, ["connecting", "live", "disconnected", "live", "disconnected", "ended"]);
});

// Ends on a revoked token, and begins anew as the public while that is being told, as the dashboard does.
test("a stream begun anew by whoever hears of its end lives, and finds a network that is back", async () => {
    const online = new EventTarget();
    const before = { add: globalThis.addEventListener, remove: globalThis.removeEventListener };
    globalThis.addEventListener = online.addEventListener.bind(online) as typeof addEventListener;
    globalThis.removeEventListener = online.removeEventListener.bind(online) as typeof removeEventListener;
    const states: StreamState[] = [];
    const heard: string[] = [];
    const asked: { token: string | undefined; last: string | undefined }[] = [];
    let token: string | null = "cak_officer";
    const answers = [
        'id: 1-a\ndata: officer\n\nevent: end\ndata: {"code":"DEVICE_REVOKED"}\n\ndata: late\n\n',
        "id: 2-b\ndata: public\n\n",
        "id: 3-c\ndata: again\n\n",
    ];
    let stream: Stream | null = null;
    try {
        stream = openStream({
            url: "/v1/totals/stream",
            token: () => token,
            retryMs: 60_000,
            onEvent: (event) => heard.push(event.data),
            onState: (state) => {
                states.push(state);
                if (state === "ended") {
                    token = null;
                    stream?.restart();
                }
            },
            fetch: (async (_: string, init: RequestInit) => {
                const headers = init.headers as Record<string, string>;
                asked.push({ token: headers["Authorization"], last: headers["Last-Event-ID"] });
                if (init.signal?.aborted) throw new DOMException("left", "AbortError");
                return body(answers.shift() ?? "");
            }) as typeof fetch,
        });
        await moment(() => states.at(-1) === "disconnected");
        assert.deepEqual(states, ["connecting", "live", "ended", "connecting", "live", "disconnected"]);
        online.dispatchEvent(new Event("online"));
        await moment(() => heard.length === 3);
        assert.deepEqual(heard, ["officer", "public", "again"]);
        const officer = { token: "Bearer cak_officer", last: undefined };
        const public_ = { token: undefined, last: undefined };
        assert.deepEqual(asked, [officer, public_, { token: undefined, last: "2-b" }]);
    } finally {
        stream?.close();
        [globalThis.addEventListener, globalThis.removeEventListener] = [before.add, before.remove];
    }
});

test("what still comes to a stream that was begun anew is not heard: it was somebody else's", async () => {
    const heard: string[] = [];
    let officer: ReadableStreamDefaultController<Uint8Array> | undefined;
    const slow = new ReadableStream<Uint8Array>({ start: (controller) => void (officer = controller) });
    const answers = [new Response(slow), body("data: public\n\n")];
    const stream = openStream({
        url: "/v1/totals/stream",
        token: () => null,
        retryMs: 60_000,
        onEvent: (event) => heard.push(event.data),
        onState: () => undefined,
        fetch: (async () => answers.shift() ?? body("")) as typeof fetch,
    });
    await new Promise((done) => setTimeout(done, 5));
    stream.restart();
    officer?.enqueue(new TextEncoder().encode("data: officer\n\n"));
    await moment(() => heard.length > 0);
    await new Promise((done) => setTimeout(done, 20));
    stream.close();
    assert.deepEqual(heard, ["public"]);
});
