// kader_forms.mjs - the forms as people use them: checks while typing, errors tied to fields, a refusal
// with its sentence that is corrected and sent anew, both languages, and no serious finding of axe in light
// and dark.
import {
    addPerson,
    ask,
    check,
    count,
    employ,
    makePeople,
    makeProfile,
    openFamily,
    pair,
    roleToken,
    startBrowser,
    startProxy,
    stored,
    until,
} from "./kader_support.mjs";
import { barriers } from "./support.mjs";

const proxy = await startProxy();
const browser = await startBrowser(makeProfile());
const page = await browser.page();
const consoleTexts = [];
page.on("console", (message) => consoleTexts.push(message.text()));

async function accessible(where) {
    const found = await barriers(page);
    check(`axe finds nothing serious: ${where} ${found.join("\n")}`, found.length === 0);
}

async function everywhere() {
    for (const route of [
        "home",
        "list/all",
        "device",
        "capture/ENROL",
        "capture/BIRTH",
        "capture/LAYOFF",
        "pair",
    ]) {
        await page.goto("about:blank");
        await page.goto(`${proxy.url}/kader#/${route}`);
        await page.waitForSelector("main > *");
        for (const theme of ["light", "dark"]) {
            await page.evaluate((shown) => (document.documentElement.dataset.theme = shown), theme);
            await accessible(`${route}, ${theme}`);
        }
        const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
        check(`nothing is cut off at 390 px: ${route}`, !wide);
        const small = await page.evaluate(() =>
            [...document.querySelectorAll("button, select, input:not(.visually-hidden), label.choice")]
                .filter(
                    (one) => one.offsetParent && !one.closest(".tick") && !one.closest(".visually-hidden"),
                )
                .filter((one) => one.getBoundingClientRect().height < 48)
                .map((one) => one.outerHTML.slice(0, 80)),
        );
        check(`every target is 48 px high or more: ${route} ${small.join(" ")}`, small.length === 0);
    }
}

const fieldOf = () =>
    page.evaluate(() => document.activeElement?.closest("[data-field]")?.getAttribute("data-field"));

await page.goto(`${proxy.url}/kader`);
await page.waitForSelector("#pair");
await accessible("pairing");
await page.fill('[data-field="code"] input', "7K2M");
await page.click("button[form=pair]");
check(
    "a short code is said at its field",
    (await page.locator('[data-field="code"] .fault').innerText()) !== "",
);
await pair(page, proxy.url);

await openFamily(page);
await page.fill('[data-field="nik"] input', "367105319999");
const fault = page.locator('[data-field="nik"] .fault');
check("an impossible date is said while it is typed", (await fault.innerText()).includes("NIK"));
await page.fill('[data-field="nik"] input', "");
await page.uncheck('[data-field="local_card"] input');
await page.click("button[form=capture]");
check("the focus goes to the first field that is wrong", (await fieldOf()) === "local_card");
const described = await page.evaluate(() => {
    const input = document.querySelector('[data-field="nik"] input');
    const ids = input.getAttribute("aria-describedby").split(" ");
    return (
        input.getAttribute("aria-invalid") === "true" &&
        ids.some((id) => document.getElementById(id).innerText)
    );
});
check("an error is tied to its field", described);
check("nothing was stored", (await stored(page)).entries.length === 0);
await page.check('[data-field="local_card"] input');
const [person, second] = makePeople(2);
await addPerson(page, person);
check("the next member's form is empty, the focus on the NIK", (await fieldOf()) === "nik");
await addPerson(page, second);
await page.click(".bottom-actions .button:not(.primary)");
await page.waitForSelector(".tiles");

await page.click('[data-kind="BIRTH"]');
const [stranger] = makePeople(1);
await page.fill('[data-field="other_nik"] input', stranger.nik);
await page.click('[data-field="birth_date"] .quick');
await page.check('[data-field="newborn_without_nik"] input');
await page.fill('[data-field="name"] input', "Bayi Uji");
await page.click("button[form=capture]");
await page.waitForSelector(".tiles");
await page.click('[data-part="list"]');
await page.waitForSelector('.entry[data-state="refused"]');
const refused = page.locator('.entry[data-state="refused"]');
check("a refusal is shown with its sentence", (await refused.innerText()).includes("Ibu"));
await page.click('[data-part="device"]');
await page.click('.segment[lang="en"]');
await page.click('[data-part="list"]');
await until("the sentence is English", async () => (await refused.innerText()).includes("mother"));
check("the same sentence in the other language");

await refused.locator(".button.primary").click();
await page.waitForSelector("#capture");
await page.fill('[data-field="other_nik"] input', person.nik);
await page.click("button[form=capture]");
await until("the correction is accepted", async () => {
    const { entries } = await stored(page);
    return entries.filter((entry) => entry.state === "accepted").length === 3;
});
const { entries } = await stored(page);
const old = entries.find((entry) => entry.state === "refused");
const anew = entries.find((entry) => entry.corrects === old.id);
check(
    "a correction is a new entry with a new number",
    anew.sequence > old.sequence && old.closed_by === anew.id,
);
check("the newborn has a number of this phone", anew.number === `T-${old.device}-${old.sequence}`);

const [baby] = makePeople(1);
await page.locator(".entry", { hasText: anew.number }).locator(".button").click();
await page.waitForSelector('#capture[data-kind="CORRECT_IDENTITY"]');
await page.fill('[data-field="other_nik"] input', baby.nik);
await page.click("button[form=capture]");
await until("the baby's NIK is accepted", async () => (await count(page, "accepted")) === 4);
check("the newborn's NIK is reported under its temporary number");

const [worker] = makePeople(1);
await employ(worker, 77);
await page.click('[data-part="home"]');
await page.click('[data-kind="LAYOFF"]');
check("a kader is asked for no proof", (await page.locator('[data-field="proof"]').count()) === 0);
await page.fill('[data-field="nik"] input', worker.nik);
await page.click('[data-field="date"] .quick');
await page.fill('[data-field="reason"] input', "PT Uji tutup");
await page.click("button[form=capture]");
await page.waitForSelector(".tiles");
await page.click('[data-part="list"]');
const forwarded = page.locator('.entry[data-state="forwarded"]');
await forwarded.waitFor();
check(
    "a layoff seen at the door goes to the labour office",
    (await forwarded.locator(".entry-state").innerText()) === "Forwarded to the labour office",
);
check("and is nothing to correct", (await forwarded.locator("button").count()) === 0);
const labour = roleToken("labour-office");
const listed = await ask("/v1/refusals?code=LAYOFF_REPORTED&limit=1", labour);
const { nik: shown, report } = listed.body.refusals[0];
check("the labour office is told who, masked", report.name === worker.name && shown.includes("*"));
check(
    "with employer and what was seen",
    report.open && report.employer === 77 && report.seen === "PT Uji tutup",
);

await page.click('[data-part="home"]');
await page.click('[data-kind="DEATH"]');
await page.fill('[data-field="nik"] input', second.nik);
await page.goBack();
await page.waitForSelector("dialog[open]");
check("leaving a form with something in it asks first");
await page.keyboard.press("Escape");
check("what was typed is still there", (await page.inputValue('[data-field="nik"] input')).length > 15);
await page.click(".bottom-actions .button:not(.primary)");
await page.click("dialog .button.primary");
await page.waitForSelector(".tiles");

await everywhere();
const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
check("no NIK in the console or the page's small storages", !/\d{16}/.test(consoleTexts.join() + kept));
await browser.kill();
await proxy.close();
