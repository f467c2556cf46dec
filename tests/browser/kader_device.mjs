// kader_device.mjs - the life of a paired phone: a new version of the app that loses nothing, a permission
// that is revoked while people wait, a new pairing that takes them along, and a storage that is closed, full
// or wiped.
import {
    addPerson,
    ask,
    check,
    count,
    makePeople,
    makeProfile,
    openFamily,
    pair,
    pairingCode,
    registered,
    revoke,
    startBrowser,
    startProxy,
    stored,
    until,
    workerReady,
} from "./kader_support.mjs";

const proxy = await startProxy();
const browser = await startBrowser(makeProfile());
const page = await browser.page();
await pair(page, proxy.url);
await workerReady(page);
await page.reload();
await page.waitForSelector(".tiles");
const people = makePeople(8);
const first = (await stored(page)).device;
const before = await registered(page);

proxy.mischief.worker = "\n// a newer build\n";
await page.evaluate(async () => (await navigator.serviceWorker.ready).update());
await openFamily(page);
await addPerson(page, people[0]);
await page.waitForSelector(".banner:not([hidden])");
check("a new version says that it is ready, and waits");
await page.click(".bottom-actions .button:not(.primary)");
await page.waitForSelector(".tiles");
await Promise.all([page.waitForEvent("load"), page.click(".banner .button")]);
await page.waitForSelector(".tiles");
await until("the person is accepted", async () => (await count(page, "accepted")) === 1);
check("the new version took over, and nothing was lost");

proxy.mischief.away = true;
await openFamily(page);
for (const person of people.slice(1, 4)) await addPerson(page, person);
revoke(first.device);
proxy.mischief.away = false;
await page.click(".bottom-actions .button:not(.primary)");
await page.click('[data-part="device"]');
await page.click(".device .button.primary");
await page.waitForSelector(".notice.tone-bad");
check("a revoked phone says so");
const stopped = await stored(page);
check("it stopped, and keeps what waits", stopped.stop && (await count(page, "waiting")) === 3);

await pair(page, proxy.url);
await until("the three are accepted", async () => (await count(page, "accepted")) === 4);
const second = (await stored(page)).device;
check("paired anew, the waiting ones were sent under the new number", second.device !== first.device);
check("nobody is missing, nobody is twice", (await registered(page)) - before === 4);
const session = (await ask("/v1/session", second.token)).body;
check("the new device's numbers begin with one", session.next_sequence === 4);

// What the browser does to a page where the disk is in need; the service worker's storage is its own.
await page.evaluate(() => {
    const begin = IDBDatabase.prototype.transaction;
    IDBDatabase.prototype.transaction = function (...how) {
        IDBDatabase.prototype.transaction = begin;
        this.close();
        return begin.apply(this, how);
    };
});
await openFamily(page);
await addPerson(page, people[6]);
await until("accepted", async () => (await count(page, "accepted")) === 5);
check("a database that the browser closed is opened again");
await page.evaluate(() => {
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (...what) {
        if (globalThis.diskFull) throw new DOMException("", "QuotaExceededError");
        return put.apply(this, what);
    };
});
const inTheCity = await registered(page);
proxy.mischief.away = true;
await addPerson(page, people[7]);
await page.evaluate(() => (globalThis.diskFull = true));
proxy.mischief.away = false;
await page.click(".bottom-actions .button:not(.primary)");
await page.click('[data-part="device"]');
await page.click(".device .actions .button.primary");
await page.waitForSelector(".sync-chip.tone-bad");
await until("the city has who waits", async () => (await registered(page)) === inTheCity + 1);
check("with a full storage what waits is sent, and the phone says what it is short of");
await page.evaluate(() => (globalThis.diskFull = false));
await page.click(".device .actions .button.primary");
await until("accepted", async () => (await count(page, "accepted")) === 6);
check("with room again it has its answer, and is once", (await registered(page)) === inTheCity + 1);

// The same code and nonce again, after the storage was cleared: what the city has under the numbers stays.
const code = pairingCode();
await page.goto("about:blank");
await pair(page, proxy.url, code);
await openFamily(page);
await addPerson(page, people[4]);
await until("accepted", async () => (await count(page, "accepted")) === 7);
await page.evaluate(async () => {
    const open = indexedDB.open("cakupan-kader");
    const database = await new Promise((done) => (open.onsuccess = () => done(open.result)));
    const change = database.transaction(["settings", "entries"], "readwrite");
    change.objectStore("entries").clear();
    change.objectStore("settings").delete("counters");
    await new Promise((done) => (change.oncomplete = done));
    database.close();
});
await page.goto("about:blank");
await page.goto(`${proxy.url}/kader#/device`);
await page.waitForSelector(".device");
await until("the phone knows where the city stands", async () => {
    await page.reload();
    await page.waitForSelector(".device");
    return (await page.locator(".device .notice").count()) > 0;
});
check("a wiped storage goes on where the city stands, and says so");
await openFamily(page);
await addPerson(page, people[5]);
await until("accepted", async () => (await count(page, "accepted")) === 1);
const { entries } = await stored(page);
check("no number was used again", entries[0].sequence === 2 && entries[0].outcome.code === "");
check("the city counts each of the eight once", (await registered(page)) - before === 8);
await browser.kill();
await proxy.close();
