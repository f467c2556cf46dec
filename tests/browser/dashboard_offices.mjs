// dashboard_offices.mjs - the labour office uploads a list with bad rows: preview, send, the refused rows
// as a file; a wrong token is said; finance previews the month, closes it and takes the roster,
// then goes from month to month while an answer is late.
import { readFileSync } from "node:fs";
import * as support from "./dashboard_support.mjs";

const { check, until } = support;
const browser = await support.startBrowser();
const { page, faults } = await support.openPage(browser, { allowed: /status of 401/ });
await support.visit(page, "surge");
await support.live(page);

await page.click(".head-tools > button.button");
await page.fill("dialog input", `cak_${"A".repeat(43)}`);
await page.click("dialog button[type=submit]");
await until("the wrong token is said", async () => (await page.textContent("dialog [role=alert]")) !== "");
check(`a wrong token is said: ${await page.textContent("dialog [role=alert]")}`);
await page.keyboard.press("Escape");
await page.waitForSelector("dialog", { state: "detached" });

// Two workers of an employer, and two rows that can't be.
const niks = [1, 2].map((index) => {
    const nik = `36710541079${String(10000 + (process.pid % 7000) + index * 7)}`;
    support.cakupan(
        ...["enroll", "--nik", nik, "--name", "Pekerja", "--birth", "1990-07-01", "--sex", "F"],
        ...["--kelurahan", "3671051004", "--segment", "PPU_BU", "--employer", "777", "--wage", "5000000"],
    );
    return nik;
});
const { day } = JSON.parse(support.cakupan("totals", "--json"));
const list = [
    "nik,employer,date,proof,dispute",
    `${niks[0]},777,${day},agreement,no`,
    `3671054107909999,777,${day},agreement,no`,
    `${niks[1]},777,${day},agreement,no`,
    `123,777,${day},agreement,no`,
].join("\n");
await support.signIn(page, "labour-office");
const input = page.locator('input[type="file"]').first();
await input.setInputFiles({ name: "phk.txt", mimeType: "text/plain", buffer: Buffer.from("x") });
check(
    "a file of another kind is said before it is sent",
    (await page.textContent(".upload-state")).length > 10,
);
await input.setInputFiles({ name: "phk.csv", mimeType: "text/csv", buffer: Buffer.from(`${list}\n`) });
const preview = page.locator("dl.tiles");
await preview.first().waitFor();
const figures = () => page.locator("dl.tiles dd").allTextContents();
check(
    `the preview counts rows, layoffs and refusals: ${await figures()}`,
    (await figures()).join() === "4,2,0,2",
);
const refusedRows = page.locator("table", { hasText: "MEMBER_UNKNOWN" });
check(
    "the preview shows each bad row with its sentence",
    (await refusedRows.locator("tbody tr").count()) === 2,
);
await support.screenshot(page, "dashboard-layoff-preview");
await support.accessible(page, "the preview of a layoff list");
const before = JSON.parse(support.cakupan("totals", "--json")).flows_today.laid_off;
await page.locator(".upload ~ [aria-live] .actions .button.primary").click();
await until("the list is sent", async () => {
    const after = JSON.parse(support.cakupan("totals", "--json")).flows_today.laid_off;
    return after === before + 2;
});
await page.waitForSelector(".upload ~ [aria-live] .actions .button.primary", { state: "detached" });
check("sent: two people are laid off, once");
const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.locator(".upload ~ [aria-live] .actions .button").click(),
]);
const rows = readFileSync(await download.path(), "utf8")
    .trim()
    .split("\n");
check(
    `the refused rows come as a file (${download.suggestedFilename()})`,
    rows.length === 3 && /123/.test(rows.join()),
);

// Finance: the open month from preview to close, then its roster.
await page.locator(".account button").click();
await page.waitForSelector(".account", { state: "detached" });
await support.signIn(page, "finance");
await page.evaluate(() => (location.hash = "#/bills"));
const month = JSON.parse(support.cakupan("bill", "list", "--json")).open_month;
await page.locator("main table tbody th button").first().click();
const close = page.locator(".button.danger");
await close.waitFor();
await page.waitForSelector(".wide dl.tiles");
check(`the open month ${month} shows its preview`, (await page.locator(".wide table tbody tr").count()) > 3);
await support.screenshot(page, "dashboard-bill-preview");
await close.click();
const yes = page.locator("dialog .button.danger");
check("closing asks for the month to be typed", await yes.isDisabled());
await page.fill("dialog input", month);
await yes.click();
await until(
    "the month is closed",
    () => JSON.parse(support.cakupan("bill", "list", "--json")).open_month !== month,
);
await page.locator(".wide .hash").waitFor();
check("the closed month is shown with its invoice's hash");
const files = page.locator(".wide .actions .button:not(.primary)");
await until("its files are offered", async () => (await files.count()) === 3);
const [roster] = await Promise.all([page.waitForEvent("download"), files.first().click()]);
const people = readFileSync(await roster.path(), "utf8")
    .trim()
    .split("\n").length;
check(`its roster is taken as a file of ${people} lines`, people > 300);
await support.screenshot(page, "dashboard-bill-closed");
await support.accessible(page, "a closed month");

// Self-audit: another month clears the list at once, and a late answer is not drawn under another month's name.
let answerLate = () => undefined;
const late = new Promise((resolve) => (answerLate = resolve));
const audited = JSON.stringify({ month, people: 90909, counts: {}, findings: [] });
await page.route(`**/v1/bills/${month}/findings`, async (route) => {
    await late;
    await route.fulfill({ contentType: "application/json", body: audited });
});
await page.evaluate(() => (location.hash = "#/tasks"));
const months = page.locator(".tasks .card select");
const summary = page.locator(".tasks .card [role=status]");
await summary.waitFor();
const choices = await months.locator("option").evaluateAll((options) => options.map((each) => each.value));
const open = await months.inputValue();
check("only months that there are can be chosen", open !== month && choices.join() === `${open},${month}`);
await months.selectOption(month);
check("another month clears the list at once", (await summary.count()) === 0);
check("and says that it loads", await page.locator(".tasks .card progress").isVisible());
await months.selectOption(open);
await summary.waitFor();
const newest = await summary.textContent();
const answered = page.waitForResponse((answer) => answer.url().endsWith(`${month}/findings`));
answerLate();
await (await answered).finished();
await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 100)));
check("a late answer is not drawn", (await summary.textContent()) === newest && !/90.909/.test(newest));
await months.selectOption(month);
await until("the month chosen last is drawn", async () => /90.909/.test(await summary.textContent()));

support.noFaults(faults, "offices");
await browser.close();
support.settle();
