// dashboard_support.mjs - what the dashboard's browser tests share: a browser whose pages are watched
// (requests that leave the host, console errors, broken policies), tokens by role, axe, screenshots, and
// the city's command line.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { barriers, check, until } from "./support.mjs";

export { check, until };

export const GATEWAY = process.env.CAKUPAN_URL ?? "http://127.0.0.1:7302";
const STATE = process.env.CAKUPAN_STATE ?? "var";
const WAIT_MS = 20_000;

// Like check, but the test goes on to find the others: settle() ends it with all that was found.
const found = [];
export function note(what, holds) {
    if (holds) console.log(`ok - ${what}`);
    else found.push(what);
}

export function settle() {
    assert.ok(found.length === 0, `${found.length} findings: ${found.join(" | ")}`);
}

// Runs `cakupan WORDS --state STATE`; its output.
export function cakupan(...words) {
    const program = join(process.env.CAKUPAN_BIN ?? "build-asan/bin", "cakupan");
    return execFileSync(program, [...words, "--state", STATE], { encoding: "utf8" });
}

export function tokenOf(role) {
    return JSON.parse(readFileSync(join(STATE, "tokens.json"), "utf8"))[role].token;
}

// A person nobody has yet; sent by the real command line, as the health office's desk does. -> the NIK
let enrolled = 0;
export function enroll() {
    enrolled += 1;
    const nik = `367105410790${String(1000 + (process.pid % 900) * 10 + enrolled).padStart(4, "0")}`;
    cakupan(
        ...["enroll", "--nik", nik, "--name", "Uji", "--birth", "1990-07-01", "--sex", "F"],
        ...["--kelurahan", "3671051004", "--segment", "PBPU_PEMDA", "--class", "3", "--local-card"],
    );
    return nik;
}

export async function startBrowser() {
    return chromium.launch({
        executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium-headless-shell",
        args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
    });
}

// A page whose faults are kept in `faults`; `allowed`: a pattern of console errors that the test brings about.
export async function openPage(
    browser,
    { width = 1280, height = 900, scheme = "light", allowed = null, locale = "id-ID" } = {},
) {
    const context = await browser.newContext({
        viewport: { width, height },
        colorScheme: scheme,
        locale,
        acceptDownloads: true,
        reducedMotion: "reduce",
    });
    const page = await context.newPage();
    page.setDefaultTimeout(WAIT_MS);
    const faults = [];
    await page.addInitScript(() => {
        addEventListener("securitypolicyviolation", (event) =>
            console.error(`policy broken: ${event.violatedDirective} ${event.blockedURI}`),
        );
    });
    page.on("console", (message) => {
        if (message.type() === "error" && !allowed?.test(message.text())) faults.push(message.text());
    });
    page.on("pageerror", (error) => faults.push(`uncaught: ${error.message}`));
    page.on("request", (request) => {
        const url = request.url();
        if (/^https?:/.test(url) && !/^http:\/\/127\.0\.0\.1[:/]/.test(url))
            faults.push(`leaves the host: ${url}`);
    });
    return { page, context, faults };
}

export async function visit(page, view = "overview", url = GATEWAY) {
    await page.goto(`${url}/#/${view}`);
    await page.waitForSelector("main > *");
}

export function state(page) {
    return page.getAttribute(".freshness", "data-state");
}

export function live(page, limitMs) {
    return until("the page says live", async () => (await state(page)) === "live", limitMs);
}

export async function signIn(page, role) {
    await page.click(".head-tools > button.button");
    await page.fill("dialog input", tokenOf(role));
    await page.click("dialog button[type=submit]");
    await page.waitForSelector(".account");
}

export async function accessible(page, where) {
    const found = await barriers(page);
    note(
        `axe finds nothing serious: ${where}${found.length ? ` (${found.join("; ")})` : ""}`,
        found.length === 0,
    );
}

export async function fits(page, where) {
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    note(`nothing is cut off: ${where}${wide > 0 ? ` (${wide} px)` : ""}`, wide <= 0);
}

export async function screenshot(page, name) {
    if (process.env.CAKUPAN_SCREENSHOTS)
        await page.screenshot({ path: join(process.env.CAKUPAN_SCREENSHOTS, `${name}.png`), fullPage: true });
}

export function noFaults(faults, where) {
    note(
        `no console error, no broken policy, no other host: ${where} ${faults.slice(0, 3).join("; ")}`,
        !faults.length,
    );
}
