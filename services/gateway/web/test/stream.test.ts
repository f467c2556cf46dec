// stream.test.ts - server-sent events cut anywhere, and the states of a stream.
import assert from "node:assert/strict";
import { test } from "node:test";
import { StreamParser, openStream, type StreamEvent, type StreamState } from "../src/shared/stream.ts";

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
