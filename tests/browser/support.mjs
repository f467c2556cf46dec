// support.mjs - what all browser tests share: checks that are told, waiting for something, axe, and an end
// that leaves nothing behind, whether the program ends well, by an error or by a signal.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const WAIT_MS = 20_000;
const LOOK_EVERY_MS = 50;

export function check(what, holds = true) {
    assert.ok(holds, what);
    console.log(`ok - ${what}`);
}

// Waits until `probe` gives something true, and gives that.
export async function until(what, probe, limitMs = WAIT_MS) {
    const end = Date.now() + limitMs;
    for (;;) {
        const found = await probe();
        if (found) return found;
        assert.ok(Date.now() < end, `${what}: not within ${limitMs} ms`);
        await new Promise((done) => setTimeout(done, LOOK_EVERY_MS));
    }
}

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

// What axe finds on a page that keeps somebody out: "RULE: ELEMENT", one each. Evaluated by the debugger, which
// the page's security policy does not concern.
export async function barriers(page) {
    if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(AXE);
    const { violations } = await page.evaluate(() => globalThis.axe.run({ resultTypes: ["violations"] }));
    const serious = violations.filter((one) => ["serious", "critical"].includes(one.impact));
    return serious.map((one) => `${one.id}: ${one.nodes[0].html.slice(0, 200)}`);
}

const undoings = new Set();

// Keeps `undo`, which may not wait for anything, for the end of the program; gives what does it at once.
export function atEnd(undo) {
    undoings.add(undo);
    return () => {
        if (undoings.delete(undo)) undo();
    };
}

process.on("exit", () => [...undoings].reverse().forEach((undo) => undo()));
const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };
for (const [signal, number] of Object.entries(SIGNALS)) process.on(signal, () => process.exit(128 + number));
