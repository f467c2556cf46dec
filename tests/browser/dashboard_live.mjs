// dashboard_live.mjs - the dashboard moves when events arrive, without a reload; twenty cuts (killed
// gateways and cut connections) are noticed, said, and healed by itself; the figures are right each time. A
// gateway that comes back with a new version of the page replaces it, unless somebody is at work on it.
import { createConnection, createServer } from "node:net";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as support from "./dashboard_support.mjs";

const { check, until } = support;
const CUTS = 20;
const SILENCE_MS = 21_000;
const AT_WORK_MS = 5 * 60_000;
const gateway = new URL(support.GATEWAY);

// Stands before the gateway and can cut everything, refuse, or hold everything back.
async function startWire() {
    const open = new Set();
    const wire = { refuse: false, held: false };
    const server = createServer((near) => {
        if (wire.refuse) return near.destroy();
        const far = createConnection(Number(gateway.port), gateway.hostname);
        open.add(near);
        for (const [one, other] of [
            [near, far],
            [far, near],
        ]) {
            one.on("data", (data) => wire.held || other.write(data));
            one.on("error", () => other.destroy());
            one.on("close", () => (other.destroy(), open.delete(near)));
        }
    });
    await new Promise((done) => server.listen(0, "127.0.0.1", done));
    wire.url = `http://127.0.0.1:${server.address().port}`;
    wire.cut = () => [...open].forEach((near) => near.destroy());
    wire.close = () => (wire.cut(), server.close());
    return wire;
}

function gatewayPid() {
    const ready = readFileSync(join(process.env.CAKUPAN_STATE, "run", "gateway.ready"), "utf8");
    return Number(/^pid=(\d+)/m.exec(ready)[1]);
}

const wire = await startWire();
const browser = await support.startBrowser();
const { page, faults } = await support.openPage(browser, { allowed: /net::ERR_|Failed to load resource/ });
await page.clock.install();
await support.visit(page, "overview", wire.url);
await support.live(page);
check("the page says that it is live");
const loads = [];
page.on("load", () => loads.push(page.url()));
const shown = () => page.locator(".gauge .figure").first().textContent();
const detail = () => page.locator(".gauge").first().textContent();

const before = await detail();
const started = Date.now();
support.enroll();
await until("the figures moved", async () => (await detail()) !== before);
check(`the gauge moves when somebody is enrolled (${Date.now() - started} ms with the command itself)`);

for (let round = 0; round < CUTS; round++) {
    if (round % 4 === 3) {
        process.kill(gatewayPid(), "SIGKILL");
        await until("the cut is noticed", async () => (await support.state(page)) !== "live");
    } else {
        wire.refuse = true;
        wire.cut();
        await until("the cut is noticed", async () => (await support.state(page)) === "disconnected");
        wire.refuse = false;
    }
    await page.evaluate(() => dispatchEvent(new Event("online"))); // as a network that is back says it
    await support.live(page, 40_000);
}
check(`${CUTS} cuts, a quarter of them killed gateways: live again after each`);
const earlier = await detail();
support.enroll();
await until("the figures moved after the cuts", async () => (await detail()) !== earlier);
check("the figures move after the cuts");

const known = JSON.parse(support.cakupan("totals", "--json"));
await until("the page shows the city's own figure", async () => {
    const digits = (await detail()).replace(/[.,]/g, "");
    return digits.includes(String(known.registered));
});
check(`it shows what \`cakupan totals\` says: ${await shown()}`);

wire.held = true;
await page.clock.fastForward(SILENCE_MS);
await until("silence is said", async () =>
    ["stale", "disconnected", "polling"].includes(await support.state(page)),
);
check(`a connection that went silent is said: ${await page.textContent(".freshness")}`);
await support.screenshot(page, "dashboard-stale");
wire.held = false;
check("all that without one reload of the page", loads.length === 0);

// The same page, as if its program had another name: a new version.
async function comeBack() {
    wire.cut();
    await until("the cut is noticed", async () => (await support.state(page)) === "disconnected");
    await page.evaluate(() => dispatchEvent(new Event("online")));
    await support.live(page, 40_000);
}

let asked = 0;
await page.route(`${wire.url}/`, async (route) => {
    if (route.request().isNavigationRequest()) return route.continue();
    asked += 1;
    const html = await (await route.fetch()).text();
    await route.fulfill({ body: html.replace(/dashboard-\w+\.js/, "dashboard-ffffffffffff.js") });
});
await page.keyboard.press("Shift");
await comeBack();
await until("the version is looked at", () => asked > 0);
await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
check("a new version does not take the page from under somebody's hands", loads.length === 0);
await page.clock.fastForward(AT_WORK_MS);
await until("the new version is taken", () => loads.length === 1);
await page.unroute(`${wire.url}/`);
await support.live(page);
check("once nobody is at work the page takes a new version by itself");
support.noFaults(faults, "live");
await browser.close();
wire.close();
support.settle();
