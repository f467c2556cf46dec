// kader_support.mjs - what the kader app's browser tests share: a browser that can be killed, a proxy
// before the gateway that loses answers on purpose, pairing, and people to enrol.
//
// Environment: CAKUPAN_URL, the gateway (http://127.0.0.1:7380); CAKUPAN_PAIRING, a command that opens a
// pairing of a kader device for the whole city and prints a line of JSON with its "code"; CAKUPAN_REVOKE, a
// command that revokes the device whose number is added; CAKUPAN_STATE, where tokens.json has a token of each
// role; CHROMIUM, the browser.
import assert from "node:assert/strict";
import { execSync, spawn } from "node:child_process";
import { createServer, request } from "node:http";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { atEnd, check, until } from "./support.mjs";

export { check, until };
const GATEWAY = new URL(process.env.CAKUPAN_URL ?? "http://127.0.0.1:7380");
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium-headless-shell";
const PHONE = { width: 390, height: 844 };
const WAIT_MS = 20_000;

// A program that is going to be changed has to come, and not compressed.
function headersOf(asked) {
    const headers = { ...asked.headers, host: GATEWAY.host };
    if (asked.url !== "/kader-worker.js") return headers;
    for (const name of ["accept-encoding", "if-none-match", "if-modified-since"]) delete headers[name];
    return headers;
}

// The file as the gateway gave it, with something behind it.
function withText(given, text, answer) {
    const parts = [];
    given.on("data", (part) => parts.push(part));
    given.on("end", () => {
        answer.writeHead(200, {
            "Content-Type": given.headers["content-type"],
            "Cache-Control": "no-cache",
        });
        answer.end(Buffer.concat([...parts, Buffer.from(text)]));
    });
}

function isBatch(asked, body) {
    return asked.url === "/v1/events" && body.includes('"kind"');
}

function refuse(answer, status, code, after_ms) {
    answer.writeHead(status, {
        "Content-Type": "application/problem+json",
        "Retry-After": String(Math.ceil(after_ms / 1000)),
    });
    const problem = { code, status, detail: "Later.", retry_after_ms: after_ms };
    answer.end(
        JSON.stringify({
            type: `/v1/problems#${code}`,
            title: "",
            instance: "",
            ...problem,
        }),
    );
}

// Stands before the gateway. `mischief`: away (connections are cut), loseAnswers (so many answers to
// batches are cut after the city has them), losePairings, holdAnswers (answers to batches are never given),
// busy (so many batches get 429, half a second late, with a pause of busy_ms), portal (a login page answers
// everything under /v1/), worker (a text behind the service worker's program: a new version of the app).
// `batches`: when each batch came, and to what end.
export async function startProxy() {
    const mischief = {
        away: false,
        loseAnswers: 0,
        losePairings: 0,
        holdAnswers: false,
        busy: 0,
        busy_ms: 500,
        portal: false,
        worker: "",
    };
    const paths = [];
    const batches = [];
    const server = createServer((asked, answer) => {
        const chunks = [];
        asked.on("data", (chunk) => chunks.push(chunk));
        asked.on("end", () => void forward(asked, Buffer.concat(chunks), answer));
    });

    // Whether this answer is lost.
    function cutsAnswer(asked, body) {
        const pairing = asked.url === "/v1/pair" && mischief.losePairings > 0;
        if (pairing) mischief.losePairings -= 1;
        const batch = isBatch(asked, body) && mischief.loseAnswers > 0;
        if (batch) mischief.loseAnswers -= 1;
        return pairing || batch;
    }

    function forward(asked, body, answer) {
        paths.push(asked.url);
        if (mischief.away) return answer.destroy();
        if (mischief.portal && asked.url.startsWith("/v1/")) {
            answer.writeHead(401, { "Content-Type": "text/html" });
            return answer.end("<html><title>Hotel</title>Please log in.</html>");
        }
        if (mischief.busy > 0 && isBatch(asked, body)) {
            mischief.busy -= 1;
            batches.push({ at: Date.now(), end: "busy" });
            return setTimeout(refuse, 500, answer, 429, "RATE_LIMITED", mischief.busy_ms);
        }
        return onward(asked, body, answer, cutsAnswer(asked, body));
    }

    function onward(asked, body, answer, cut) {
        const options = {
            host: GATEWAY.hostname,
            port: GATEWAY.port,
            path: asked.url,
            method: asked.method,
        };
        const holds = isBatch(asked, body) && mischief.holdAnswers;
        const further = request({ ...options, headers: headersOf(asked) }, (given) => {
            if (isBatch(asked, body)) {
                const end = cut ? "lost" : holds ? "held" : "given";
                given.on("end", () => batches.push({ at: Date.now(), end }));
            }
            if (holds) return given.resume();
            if (cut) return given.resume().on("end", () => answer.destroy());
            const changed = asked.url === "/kader-worker.js" && mischief.worker !== "";
            if (changed) return withText(given, mischief.worker, answer);
            answer.writeHead(given.statusCode, given.headers);
            return given.pipe(answer);
        });
        further.on("error", () => answer.destroy());
        return further.end(body);
    }

    await new Promise((done) => server.listen(0, "127.0.0.1", done));
    return {
        url: `http://127.0.0.1:${server.address().port}`,
        mischief,
        paths,
        batches,
        close: () => new Promise((done) => (server.closeAllConnections(), server.close(done))),
    };
}

// A browser of its own process group, with a profile on the disk: it can be killed and started again.
export async function startBrowser(profile) {
    const options = [
        "--headless",
        "--no-sandbox",
        "--remote-debugging-port=0",
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--force-prefers-reduced-motion",
        "--accept-lang=id-ID",
    ];
    const process_ = spawn(CHROMIUM, [...options, `--user-data-dir=${profile}`, "about:blank"], {
        detached: true,
        env: { ...process.env, TMPDIR: profile },
        stdio: ["ignore", "ignore", "pipe"],
    });
    // Its whole process group, by the number that it was given.
    const end = atEnd(() => process.kill(-process_.pid, "SIGKILL"));
    const gone = new Promise((done) => process_.on("exit", done));
    const endpoint = await new Promise((done, failed) => {
        let text = "";
        process_.stderr.on("data", (data) => {
            text += data;
            const found = /DevTools listening on (ws:\S+)/.exec(text);
            if (found) done(found[1]);
        });
        process_.on("exit", () => failed(new Error(`The browser ended: ${text.slice(-400)}`)));
    });
    const browser = await chromium.connectOverCDP(endpoint);
    const context = browser.contexts()[0];
    return {
        context,
        page: async () => {
            const page = await context.newPage();
            await page.setViewportSize(PHONE);
            page.setDefaultTimeout(WAIT_MS);
            return page;
        },
        kill: async () => {
            end();
            await gone;
        },
    };
}

// A browser's directory, for as long as this program runs.
export function makeProfile() {
    const profile = mkdtempSync(join(tmpdir(), "cakupan-kader-"));
    // A browser that was killed a moment ago may still be writing.
    atEnd(() =>
        rmSync(profile, {
            recursive: true,
            force: true,
            maxRetries: 9,
            retryDelay: 50,
        }),
    );
    return profile;
}

export function pairingCode() {
    assert.ok(process.env.CAKUPAN_PAIRING, "CAKUPAN_PAIRING names the command that opens a pairing");
    const line = execSync(process.env.CAKUPAN_PAIRING, { encoding: "utf8" }).trim().split("\n").pop();
    return JSON.parse(line).code;
}

// Takes a device's permission back, as the office does: CAKUPAN_REVOKE is the command, the number is added.
export function revoke(device) {
    assert.ok(process.env.CAKUPAN_REVOKE, "CAKUPAN_REVOKE names the command that revokes a device");
    execSync(`${process.env.CAKUPAN_REVOKE} ${device}`, { stdio: "ignore" });
}

export async function pair(page, url, code = pairingCode()) {
    await page.goto("about:blank"); // the QR opens the app anew
    await page.goto(`${url}/kader#pair=${code}`);
    await page.fill('[data-field="author"] input', "Siti Uji");
    await page.click("button[form=pair]");
    await page.waitForSelector(".tiles");
}

// The service worker has the page's files: from here on it opens without a network.
export function workerReady(page) {
    return page.evaluate(async () => {
        const ready = await navigator.serviceWorker.ready;
        await new Promise((done) => {
            const look = () => (ready.active?.state === "activated" ? done() : setTimeout(look, 50));
            look();
        });
    });
}

let made = 0;
const run = Math.floor(Math.random() * 9000);

// Different people in every run; men, so that the day stands as it is.
export function makePeople(count) {
    return Array.from({ length: count }, () => {
        made += 1;
        const day = String(1 + (made % 28)).padStart(2, "0");
        const month = String(1 + (run % 12)).padStart(2, "0");
        const year = String(60 + (Math.floor(run / 12) % 40)).padStart(2, "0");
        const last = String(1 + ((run * 7 + made) % 9998)).padStart(4, "0");
        return {
            nik: `367105${day}${month}${year}${last}`,
            name: `Orang ${run}-${made}`,
        };
    });
}

export async function openFamily(page) {
    await page.click('[data-part="home"]');
    await page.click('[data-kind="ENROL"]');
    await page.waitForSelector("#capture");
    const selects = page.locator('[data-field="kelurahan"] select');
    await selects.nth(0).selectOption("367105");
    await selects.nth(1).selectOption({ index: 1 });
    await page.check('[data-field="segment"] input[value="PBPU_PEMDA"]', {
        force: true,
    });
    await page.check('[data-field="local_card"] input');
}

export async function addPerson(page, person) {
    const before = await page.locator(".saved-list li").count();
    await page.fill('[data-field="nik"] input', person.nik);
    await page.fill('[data-field="name"] input', person.name);
    await page.click("button[form=capture]");
    await until(
        `${person.name} is saved`,
        async () => (await page.locator(".saved-list li").count()) > before,
    );
}

// What the phone has stored, read beside the app.
export function stored(page) {
    return page.evaluate(async () => {
        const open = indexedDB.open("cakupan-kader");
        const database = await new Promise((done) => (open.onsuccess = () => done(open.result)));
        const read = (store, key) =>
            new Promise((done) => {
                const from = database.transaction(store).objectStore(store);
                const request = key ? from.get(key) : from.getAll();
                request.onsuccess = () => done(request.result);
            });
        const entries = await read("entries");
        const device = await read("settings", "device");
        const stop = await read("settings", "stop");
        database.close();
        return { entries, device, stop };
    });
}

export async function count(page, state) {
    return (await stored(page)).entries.filter((entry) => entry.state === state).length;
}

export async function ask(path, token, headers = {}) {
    const answer = await fetch(new URL(path, GATEWAY), {
        headers: { Authorization: `Bearer ${token}`, ...headers },
    });
    return { status: answer.status, body: await answer.json() };
}

// How many people the city counts. Its totals are waited for until they are as far as the answers that the
// phone has: so a person who is there twice is seen.
export async function registered(page) {
    const { entries } = await stored(page);
    const last = Math.max(0, ...entries.map((entry) => entry.outcome?.offset ?? 0));
    const totals = await until("the city's totals are as far as its answers", async () => {
        const { body } = await ask("/v1/totals", roleToken("health-office"));
        return body.offset >= last && body;
    });
    return totals.registered;
}

const ROLES = JSON.parse(readFileSync(`${process.env.CAKUPAN_STATE}/tokens.json`, "utf8"));

export function roleToken(role) {
    return ROLES[role].token;
}

// The form of a newborn without NIK, filled.
export async function fillBirth(page, mother, name) {
    await page.click('[data-part="home"]');
    await page.click('[data-kind="BIRTH"]');
    await page.fill('[data-field="other_nik"] input', mother.nik);
    await page.click('[data-field="birth_date"] .quick');
    await page.check('[data-field="newborn_without_nik"] input');
    await page.fill('[data-field="name"] input', name);
}

// Enrols a person as a company's worker, as the health office.
export async function employ(person, employer) {
    const send = async (first_sequence, events) => {
        const answer = await fetch(new URL("/v1/events", GATEWAY), {
            method: "POST",
            headers: {
                Authorization: `Bearer ${roleToken("health-office")}`,
                "Content-Type": "application/json",
            },
            body: JSON.stringify({ first_sequence, events }),
        });
        return answer.json();
    };
    const { expected_sequence } = await send(0, []);
    const { nik, name } = person;
    const birth_date = `19${nik.slice(10, 12)}-${nik.slice(8, 10)}-${nik.slice(6, 8)}`;
    const work = {
        segment: "PPU_BU",
        employer,
        kelurahan: "3671051004",
        sex: "male",
        birth_date,
    };
    const about = {
        kind: "ENROL",
        captured_at_ms: Date.now() - 60_000,
        author: "Dinkes",
        nik,
        name,
    };
    const { outcomes } = await send(expected_sequence, [{ ...about, ...work }]);
    assert.equal(outcomes?.[0].outcome, "accepted", JSON.stringify(outcomes));
}
