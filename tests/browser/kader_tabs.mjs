// kader_tabs.mjs - two tabs of one phone save and send at the same time, a login page answers in between, the
// city asks for a pause, a tab is closed while it sends: one sequence for all, nobody twice, nobody dropped.
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
} from "./kader_support.mjs";

const PAUSE_MS = 2000;
const proxy = await startProxy();
const browser = await startBrowser(makeProfile());
const one = await browser.page();
await pair(one, proxy.url);
const { device } = await stored(one);
const before = await registered(one);
const other = await browser.page();
await other.goto(`${proxy.url}/kader`);
await other.waitForSelector(".tiles");
check("the second tab is paired as well");

const people = makePeople(16);
const accepted = (tab, number) =>
    until(`${number} are accepted`, async () => (await count(tab, "accepted")) === number, 60_000);
const look = (tab) => tab.evaluate(() => dispatchEvent(new Event("focus")));
await Promise.all([openFamily(one), openFamily(other)]);
proxy.mischief.loseAnswers = 2;
for (let index = 0; index < 12; index += 2) {
    await Promise.all([addPerson(one, people[index]), addPerson(other, people[index + 1])]);
    if (index === 4) proxy.mischief.portal = true;
    if (index === 8) proxy.mischief.portal = false;
}
await look(one);
await accepted(one, 12);
check("both tabs' people are accepted");
check("a login page in between stopped nothing", !(await stored(one)).stop);

proxy.batches.length = 0;
Object.assign(proxy.mischief, { busy: 1, busy_ms: PAUSE_MS });
await addPerson(one, people[12]);
await addPerson(one, people[13]); // while the first is on its way to be asked for patience
await until("the city asks for a pause", async () => proxy.batches.length > 0);
await addPerson(other, people[14]);
for (const tab of [one, other, one, other]) await look(tab);
await accepted(one, 15);
const [asked, next] = proxy.batches;
check("no save, look or other tab shortens the city's pause", next.at - asked.at >= PAUSE_MS);

proxy.mischief.holdAnswers = true;
await addPerson(one, people[15]);
await until("the tab is sending", async () => proxy.batches.some((batch) => batch.end === "held"));
await one.close();
proxy.mischief.holdAnswers = false;
await look(other);
await accepted(other, people.length);
check("a tab is closed while it sends, the other goes on");

const { entries } = await stored(other);
check("no sequence was given twice", new Set(entries.map((entry) => entry.sequence)).size === people.length);
const session = (await ask("/v1/session", device.token)).body;
check("the city has as many numbers as there are people", session.next_sequence === people.length + 1);
check("the city counts each once", (await registered(other)) - before === people.length);

await other.click("button[form=capture]");
await other.fill('[data-field="nik"] input', people[0].nik);
await other.click("button[form=capture]");
await other.waitForSelector('[data-field="nik"].wrong');
check(
    "a person who is on this phone already is not saved again",
    (await stored(other)).entries.length === people.length,
);
await browser.kill();
await proxy.close();
