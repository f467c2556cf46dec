// kader_newborn.mjs - a newborn without NIK is the one person whom the city could register twice without
// noticing: counted by the city's totals after a double tap, a form that "back" brings again, a form in two
// tabs, lost answers, and a phone that is paired anew while an answer is missing.
import {
    addPerson,
    check,
    count,
    fillBirth,
    makePeople,
    makeProfile,
    openFamily,
    pair,
    registered,
    revoke,
    startBrowser,
    startProxy,
    stored,
    until,
} from "./kader_support.mjs";

const proxy = await startProxy();
const browser = await startBrowser(makeProfile());
const page = await browser.page();
await pair(page, proxy.url);

const [mother, second, third, stranger] = makePeople(4);
await openFamily(page);
for (const person of [mother, second, third]) await addPerson(page, person);
await page.click(".bottom-actions .button:not(.primary)");
const answered = () => until("all is answered", async () => (await count(page, "waiting")) === 0);
await answered();
const before = await registered(page);
let born = 0;

// All that waits is answered, and the city has exactly so many newborns more than in the beginning.
async function bornNow(what, number) {
    born += number;
    await answered();
    const city = (await registered(page)) - before;
    check(`${what}: ${born} born${city === born ? "" : `, the city counts ${city}`}`, city === born);
}

proxy.mischief.loseAnswers = 1;
await fillBirth(page, mother, "Bayi Satu");
await page.evaluate(() => {
    const toldOfSave = new MutationObserver(() => {
        toldOfSave.disconnect();
        document.querySelector("button[form=capture]").click();
    });
    toldOfSave.observe(document.querySelector(".toasts"), { childList: true });
});
await page.click("button[form=capture]");
await page.waitForSelector(".tiles");
await bornNow("a second tap and a lost answer", 1);

await fillBirth(page, mother, "Bayi Satu");
await page.click("button[form=capture]");
await page.waitForSelector("dialog[open]");
await page.click("dialog .button:not(.primary)");
await bornNow("the same mother and day is asked about", 0);
await page.click("button[form=capture]");
await page.click("dialog[open] .button.primary");
await page.waitForSelector(".tiles");
await bornNow("a twin is another person", 1);

await fillBirth(page, stranger, "Bayi Ketiga");
await page.click("button[form=capture]");
await page.waitForSelector(".tiles");
await page.click('[data-part="list"]');
const correct = page.locator(".entry.refused .button.primary");
await correct.waitFor();
const { entries } = await stored(page);
const refused = entries.find((entry) => entry.state === "refused");
const other = await browser.page();
await other.goto(`${proxy.url}/kader#/correct/${refused.id}`);
await other.waitForSelector("#capture");
await correct.click();
for (const tab of [page, other]) await tab.fill('[data-field="other_nik"] input', second.nik);
await page.click("button[form=capture]");
await page.waitForSelector(".entries");
await other.click("button[form=capture]");
await until("the other tab says so", async () => (await other.innerText(".faults-summary")) !== "");
check("a correction that was open in two tabs is saved once", (await stored(page)).entries.length === 7);
await bornNow("a correction in two tabs", 1);
const anew = (await stored(page)).entries.find((entry) => entry.corrects === refused.id);
check("a correction keeps the newborn's number", anew.number === refused.number);
await other.close();
await page.bringToFront();
await page.goBack();
await page.waitForSelector(".toast.tone-plain");
check("the phone's back brings no form that is done with", (await page.locator("#capture").count()) === 0);

proxy.mischief.loseAnswers = 1000;
proxy.batches.length = 0;
await fillBirth(page, third, "Bayi Keempat");
await page.click("button[form=capture]");
await page.waitForSelector(".tiles");
await until("the city has it, the phone does not know", async () => proxy.batches.length > 0);
revoke((await stored(page)).device.device);
proxy.mischief.loseAnswers = 0;
await pair(page, proxy.url);
await bornNow("paired anew while an answer was missing", 1);
check("and there is nothing to correct", (await count(page, "refused")) === 1);

await fillBirth(page, stranger, "Bayi Kelima");
await page.click("button[form=capture]");
await page.waitForSelector(".tiles");
await page.click('[data-part="list"]');
await page.click(".entry.refused .button:not(.primary)");
await page.click("dialog[open] .button.primary");
await page.waitForSelector(".entry.refused", {
    state: "detached",
    timeout: 2000,
});
check("what is put aside is off the list of open ones at once", (await correct.count()) === 0);
await bornNow("put aside", 0);
await browser.kill();
await proxy.close();
