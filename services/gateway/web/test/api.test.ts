// api.test.ts - what becomes of answers that are not as one would wish.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError, createApi } from "../src/shared/api.ts";

interface Call {
    url: string;
    headers: Record<string, string>;
}

function server(...answers: (Response | Error)[]) {
    const calls: Call[] = [];
    const pauses: number[] = [];
    const refused: string[] = [];
    const api = createApi({
        token: () => "cak_x",
        refused: (problem) => refused.push(problem.code),
        sleep: async (ms) => void pauses.push(ms),
        fetch: (async (url: string, init: RequestInit) => {
            calls.push({ url, headers: init.headers as Record<string, string> });
            const answer = answers.shift();
            if (!answer) throw new Error("Nobody expected this request.");
            if (answer instanceof Error) throw answer;
            return answer;
        }) as typeof fetch,
    });
    return { api, calls, pauses, refused };
}

function problem(status: number, body: object, headers: Record<string, string> = {}): Response {
    return new Response(JSON.stringify(body), { status, headers });
}

const busy = () => problem(503, { code: "BUSY", detail: "Sibuk.", status: 503 }, { "Retry-After": "2" });

test("the token and the query are sent, absent values are not", async () => {
    const { api, calls } = server(new Response("{}"));
    await api.get("/v1/refusals", { query: { limit: 5, code: null, before: undefined, language: "id" } });
    assert.equal(calls[0]?.url, "/v1/refusals?limit=5&language=id");
    assert.equal(calls[0]?.headers["Authorization"], "Bearer cak_x");
});

test("a question is repeated as late as the server asks for", async () => {
    const { api, pauses } = server(busy(), new Response('{"ok":1}'));
    assert.deepEqual(await api.get("/v1/totals"), { ok: 1 });
    assert.deepEqual(pauses, [2000]);
});

test("an order is never repeated by itself", async () => {
    const { api, calls } = server(busy(), new Response("{}"));
    await assert.rejects(api.send("POST", "/v1/bills/2026-11/close", {}), (error: ApiError) => {
        return error.code === "BUSY" && error.passes;
    });
    assert.equal(calls.length, 1);
});

test("a pause longer than people wait is theirs to decide", async () => {
    const late = problem(429, { code: "RATE_LIMITED", detail: "Nanti.", retry_after_ms: 60_000 });
    const { api, calls } = server(late);
    await assert.rejects(api.get("/v1/totals"), { message: "Nanti." });
    assert.equal(calls.length, 1);
});

test("a network that is gone has a code of its own", async () => {
    const gone = () => new TypeError("fetch failed");
    const { api, calls } = server(gone(), gone(), gone());
    await assert.rejects(api.get("/v1/totals"), (error: ApiError) => error.code === "NETWORK_UNREACHABLE");
    assert.equal(calls.length, 3);
});

test("a page of a proxy in place of a problem document is told with its status", async () => {
    const { api } = server(new Response("<html>no</html>", { status: 404 }));
    await assert.rejects(api.get("/v1/totals"), (error: ApiError) => {
        return error.code === "ANSWER_MALFORMED" && error.problem.status === 404;
    });
});

test("every 401 is told to whoever keeps the session", async () => {
    const { api, refused } = server(problem(401, { code: "DEVICE_REVOKED", detail: "Dicabut." }));
    await assert.rejects(api.get("/v1/session"));
    assert.deepEqual(refused, ["DEVICE_REVOKED"]);
});

test("an order without a body sends none, nor a type of one", async () => {
    const { api, calls } = server(new Response("{}"));
    await api.send("POST", "/v1/bills/2026-11/close", null);
    assert.equal(calls[0]?.headers["Content-Type"], undefined);
});

// Says what its headers say, then nothing more, until the request is given up.
function stalling(): typeof fetch {
    return (async (_: string, init: RequestInit) => {
        const body = new ReadableStream({
            start(stream) {
                stream.enqueue(new TextEncoder().encode('{"outcomes":['));
                const leave = () => stream.error(new DOMException("left", "AbortError"));
                init.signal?.addEventListener("abort", leave);
            },
        });
        return new Response(body, { status: 200 });
    }) as typeof fetch;
}

test("an answer that stops in its middle ends with the time limit", async () => {
    const api = createApi({ token: () => null, fetch: stalling() });
    const patience = new Promise((_, fail) => setTimeout(() => fail(new Error("it waits for ever")), 2000));
    const order = api.send("POST", "/v1/events", {}, { timeoutMs: 50, tries: 1 });
    await assert.rejects(Promise.race([order, patience]), (error: ApiError) => error.code === "TIMEOUT");
});

test("a file that stops in its middle ends with the time limit", async () => {
    const api = createApi({ token: () => null, fetch: stalling() });
    const patience = new Promise((_, fail) => setTimeout(() => fail(new Error("it waits for ever")), 2000));
    const file = api.file("/v1/bills/2026-10/roster.csv", { timeoutMs: 50 });
    await assert.rejects(Promise.race([file, patience]), (error: ApiError) => error.code === "TIMEOUT");
});
