// kader_offline.mjs - fifty people enrolled without a network, the browser killed in the middle of it and
// again at the end, then back online with answers getting lost: the city has exactly fifty.
import {
    addPerson,
    ask,
    check,
    count,
    makePeople,
    makeProfile,
    openFamily,
    pair,
    registered,
    startBrowser,
    startProxy,
    stored,
    until,
    workerReady,
} from "./kader_support.mjs";

const PEOPLE = 50;
const proxy = await startProxy();
const profile = makeProfile();
const people = makePeople(PEOPLE);

let browser = await startBrowser(profile);
let page = await browser.page();
proxy.mischief.losePairings = 1;
await pair(page, proxy.url);
await workerReady(page);
const { device } = await stored(page);
const inTheCity = await registered(page);
check("the phone is paired, though the first answer was lost", device.token.startsWith("cak_"));
check("the code is not in the address any more", !page.url().includes("pair="));

proxy.mischief.away = true;
await openFamily(page);
for (const person of people.slice(0, PEOPLE / 2)) await addPerson(page, person);
await browser.kill();
check("the browser was killed right after the form said saved");

browser = await startBrowser(profile);
page = await browser.page();
await page.goto(`${proxy.url}/kader`);
await page.waitForSelector(".tiles");
check("the app opens without a network");
check("nothing that was saved is lost", (await count(page, "waiting")) === PEOPLE / 2);
await openFamily(page);
for (const person of people.slice(PEOPLE / 2)) await addPerson(page, person);
const before = await stored(page);
const sequences = before.entries.map((entry) => entry.sequence);
check(
    "sequences go on without gap or double",
    sequences.every((sequence, index) => sequence === index + 1),
);
await browser.kill();

browser = await startBrowser(profile);
page = await browser.page();
proxy.mischief.away = false;
proxy.mischief.loseAnswers = 2;
proxy.mischief.busy = 1;
await page.goto(`${proxy.url}/kader`);
await until("everybody is answered", async () => (await count(page, "accepted")) === PEOPLE, 60_000);
check("back online, it sends by itself: fifty accepted");
check("two answers were lost on the way", proxy.mischief.loseAnswers === 0);
const session = (await ask("/v1/session", device.token)).body;
check("the city has fifty numbers of this phone", session.next_sequence === PEOPLE + 1);
check("the city counts exactly fifty more", (await registered(page)) - inTheCity === PEOPLE);
await page.click('[data-part="list"]');
await page.waitForSelector(".entry.accepted");
check("the list tells each", (await page.locator(".entry.accepted").count()) === PEOPLE);
check(
    "no address of the page ever held a NIK",
    proxy.paths.every((path) => path.startsWith("/v1/members/") || !/\d{16}/.test(path)),
);
await browser.kill();
await proxy.close();
