// session.test.ts - a token that outlived a reload: taken up again, kept while nobody answers, dropped where
// it is known no more.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError, problemHere, type Api, type Problem } from "../src/shared/api.ts";
import { recall, remember } from "../src/shared/memory.ts";
import type { Session } from "../src/shared/session.ts";

const REVOKED: Problem = { code: "DEVICE_REVOKED", status: 401, detail: "Dicabut." };
const FINANCE = { name: "BPKD", may: ["bills.read"] } as Session;

// Answers with each of these in turn.
function server(...answers: (Session | Problem)[]): Api {
    const get = async () => {
        const answer = answers.shift();
        if (!answer) throw new Error("Nobody expected this request.");
        if ("status" in answer) throw new ApiError(answer);
        return answer;
    };
    return { get } as unknown as Api;
}

// The page as it is after a reload: a token in the tab, no session yet.
async function reloaded(): Promise<typeof import("../src/shared/session.ts")> {
    remember("token", "cak_tab", "session");
    const session = await import("../src/shared/session.ts");
    assert.equal(session.currentToken(), "cak_tab");
    assert.equal(session.currentSession(), null);
    return session;
}

test("a tab's token is kept while nobody answers, and forgotten where it is known no more", async () => {
    const session = await reloaded();
    const told: (string | null)[] = [];
    session.onSession((next, why) => told.push(next?.name ?? why?.code ?? null));

    await session.resume(server(problemHere("NETWORK_UNREACHABLE", 0)));
    assert.deepEqual([session.currentToken(), told], ["cak_tab", []]);
    await session.resume(server(REVOKED));
    assert.deepEqual([session.currentToken(), recall("token", "session")], [null, null]);
    await session.resume(server()); // there is nothing to ask for any more
    assert.deepEqual(told, ["DEVICE_REVOKED"]);

    await session.signIn(server(FINANCE), "cak_new");
    await session.resume(server());
    assert.ok(session.may("bills.read"));
    assert.deepEqual(told, ["DEVICE_REVOKED", "BPKD"]);
});
