// kader_tabs.mjs - two tabs of one phone save and send at the same time, a login page answers in between, a
// tab is closed while it sends: one sequence for all, nobody twice, nobody dropped.
import {
    addPerson,
    ask,
    check,
    count,
    known,
    makePeople,
    makeProfile,
    openFamily,
    pair,
    startBrowser,
    startProxy,
    stored,
    until,
} from "./kader_support.mjs";

const proxy = await startProxy();
const browser = await startBrowser(makeProfile());
const one = await browser.page();
await pair(one, proxy.url);
const { device } = await stored(one);
const other = await browser.page();
await other.goto(`${proxy.url}/kader`);
await other.waitForSelector(".tiles");
check("the second tab is paired as well");

const people = makePeople(24);
await Promise.all([openFamily(one), openFamily(other)]);
proxy.mischief.loseAnswers = 3;
for (let index = 0; index < people.length; index += 2) {
    await Promise.all([addPerson(one, people[index]), addPerson(other, people[index + 1])]);
    if (index === 8) proxy.mischief.portal = true;
    if (index === 14) proxy.mischief.portal = false;
}
await one.close();
await until("everybody is answered", async () => (await count(other, "accepted")) === people.length, 60_000);
check("both tabs' people are accepted");
const { entries, stop } = await stored(other);
check("a login page in between stopped nothing", !stop);
check("no sequence was given twice", new Set(entries.map((entry) => entry.sequence)).size === people.length);
const session = (await ask("/v1/session", device.token)).body;
check("the city has as many numbers as there are people", session.next_sequence === people.length + 1);
check("the city knows them all", (await known(people, device.token)) === people.length);

await other.click("button[form=capture]");
await other.fill('[data-field="nik"] input', people[0].nik);
await other.click("button[form=capture]");
await other.waitForSelector('[data-field="nik"].wrong');
check(
    "a person who is on this phone already is not saved again",
    (await stored(other)).entries.length === 24,
);
await browser.kill();
await proxy.close();
