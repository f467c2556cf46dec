// dashboard_session.mjs - who is signed in and what they see: a pairing code that outlives a lost answer, a
// token that outlives a reload while the gateway is away, and a revoked token, after which nothing of an
// officer's figures stays. Beside them the public: what could not be asked for at first is asked for again,
// and figures that are asked for without a stream tell their age.
import * as support from "./dashboard_support.mjs";

const { check, until } = support;
const POLL_MS = 10_000;
const HIDDEN = "disembunyikan";
const allowed = /status of [45]|ERR_FAILED/;
const browser = await support.startBrowser();
const { page, faults } = await support.openPage(browser, { allowed });
await page.clock.install();

const fails = (of, path) => of.route(`**${path}`, (route) => route.fulfill({ status: 500, body: "{}" }));
const works = (of, path) => of.unroute(`**${path}`);
const account = page.locator(".account");
const rowsOf = (of) => of.locator(".table-card tbody tr").count();
const showKelurahan = () => page.click('.table-card .segments button:has-text("Kelurahan")');
const withheld = () => page.locator(`.table-card tbody td:text-is("${HIDDEN}")`).count();
const atTitle = () => page.evaluate(() => document.activeElement.matches("main h1"));

await support.visit(page, "regions");
await support.live(page);
await showKelurahan();
await until("small figures are withheld from the public", async () => (await withheld()) > 0);

// A code is used up by its first answer: the same code again needs the same nonce.
const words = ["--role", "finance", "--area", "3671", "--name", "Uji sandi", "--web", "--json"];
const { code } = JSON.parse(
    support
        .cakupan("device", "add", ...words)
        .trim()
        .split("\n")
        .pop(),
);
await fails(page, "/v1/session");
await page.click(".head-tools > button.button");
await page.fill("dialog input", code);
await page.click("dialog button[type=submit]");
await until("the failure is said", async () => (await page.textContent("dialog [role=alert]")) !== "");
await works(page, "/v1/session");
const known = page.waitForResponse("**/v1/session");
await page.click("dialog button[type=submit]");
const { device } = await (await known).json();
await account.waitFor();
check("a pairing code whose answer led nowhere is taken again");
check("after signing in the focus is on the title", await until("the focus moved", atTitle));

// After a reload the token is there; who it is has to be asked until somebody answers.
await fails(page, "/v1/session");
await page.reload();
await support.live(page);
check("nobody is signed in while the gateway does not say who", (await account.count()) === 0);
await works(page, "/v1/session");
await page.clock.fastForward(POLL_MS);
await account.waitFor();
check("the session is taken up as soon as the gateway answers");

await showKelurahan();
await until("an officer sees every figure", async () => (await rowsOf(page)) > 0 && (await withheld()) === 0);
await page.locator(".account button").focus();
support.cakupan("device", "revoke", String(device)); // the stream hears of it within 15 s

// Meanwhile, the public.
const other = await support.openPage(browser, { allowed });
await other.page.clock.install();
await fails(other.page, "/v1/regions");
await support.visit(other.page, "regions");
await support.live(other.page);
check("without the regions their table is empty", (await rowsOf(other.page)) === 0);
await works(other.page, "/v1/regions");
await other.page.clock.fastForward(POLL_MS);
await until("the regions are there", async () => (await rowsOf(other.page)) > 10);
check("what was lost at the start comes without a reload");

await other.page.route("**/v1/totals/stream", (route) => route.abort());
await other.page.route(/\/v1\/totals(\?|$)/, async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ json: { ...(await answer.json()), stale_since: "2026-11-22T03:04:05+07:00" } });
});
await other.page.reload();
await until("old figures are said to be old", async () => (await support.state(other.page)) === "away");
check(`polled figures tell their age: ${await other.page.textContent(".freshness")}`);
check("they are no fresh ones", (await other.page.getAttribute("body", "data-fresh")) === "false");
support.noFaults(other.faults, "session, public");

await account.waitFor({ state: "detached" });
check(`a revoked token is said: ${await page.textContent(".toast p")}`);
check("the focus, which was on a button that is gone, is on the title", await atTitle());
await support.live(page);
check(
    "then the page is live again, as the public's",
    (await page.getAttribute("body", "data-fresh")) === "true",
);
await showKelurahan();
await until("small figures are withheld again", async () => (await withheld()) > 0);
check("nothing of the officer's figures stays");
support.noFaults(faults, "session");
await browser.close();
support.settle();
