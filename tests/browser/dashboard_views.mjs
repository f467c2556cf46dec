// dashboard_views.mjs - every view in light and dark, 390 px and 1920 px, both languages, for the public
// and the offices: axe, widths, no request elsewhere, no console error; the keyboard reaches everything.
// With CAKUPAN_SCREENSHOTS they are pictured, too.
import * as support from "./dashboard_support.mjs";

const { check } = support;
const VIEWS = ["overview", "regions", "surge", "tasks", "bills"];
const SIZES = { phone: { width: 390, height: 844 }, wall: { width: 1920, height: 1080 } };
const browser = await support.startBrowser();

async function look(page, name, judged) {
    for (const view of VIEWS) {
        await page.evaluate((hash) => (location.hash = hash), `#/${view}`);
        await page.waitForSelector(`nav a[aria-current][href="#/${view}"]`);
        await page.waitForFunction(() => !document.querySelector("main .loading, main progress"));
        await support.screenshot(page, `dashboard-${view}-${name}`);
        await support.fits(page, `${view}, ${name}`);
        if (judged) await support.accessible(page, `${view}, ${name}`);
    }
}

// `judged`: axe looks, too; each size and each scheme is judged once for the public, once for an office.
async function tour(size, scheme, role, judged) {
    const { page, context, faults } = await support.openPage(browser, { ...SIZES[size], scheme });
    await support.visit(page);
    await support.live(page);
    if (role) await support.signIn(page, role);
    await look(page, `${size}-${scheme}${role ? `-${role}` : ""}`, judged);
    support.noFaults(faults, `${size}, ${scheme}, ${role ?? "public"}`);
    await context.close();
}

await tour("phone", "light", null, true);
await tour("phone", "dark", null, false);
await tour("wall", "light", null, false);
await tour("wall", "dark", null, true);
await tour("wall", "light", "finance", true);
await tour("phone", "dark", "labour-office", true);

// Both languages: every word of the frame changes, and nothing of the other stays.
const { page, faults } = await support.openPage(browser);
await support.visit(page);
const indonesian = await page.textContent("nav");
check(
    "it opens in Indonesian",
    (await page.getAttribute("html", "lang")) === "id" && indonesian.includes("Ringkasan"),
);
await page.click('.head-tools button[lang="en"]');
const english = await page.textContent("nav");
check(
    "the switch makes it English",
    (await page.getAttribute("html", "lang")) === "en" && english !== indonesian,
);
check(
    "the focus stays on the switch, though the page is drawn anew",
    await page.evaluate(() => document.activeElement.matches('.head-tools button[lang="en"]')),
);
await page.reload();
check("the language is kept", (await page.textContent("nav")) === english);
const abroad = await support.openPage(browser, { locale: "en-GB" });
await support.visit(abroad.page);
check("a browser that speaks English begins in English", (await abroad.page.textContent("nav")) === english);
await abroad.context.close();

// The keyboard alone: the first Tab offers the way past the head; each element in turn takes the focus visibly.
await page.keyboard.press("Tab");
check(
    "the first stop is the way to the content",
    await page.evaluate(() => document.activeElement.className === "skip"),
);
await page.keyboard.press("Enter");
check("it leads there", await page.evaluate(() => document.activeElement.id === "content"));
await page.evaluate(() => (document.activeElement.blur(), scrollTo(0, 0)));
await page.goto("about:blank");
await support.visit(page);
const seen = new Set();
for (let stop = 0; stop < 40; stop++) {
    await page.keyboard.press("Tab");
    const focus = await page.evaluate(() => {
        const at = document.activeElement;
        const { outlineStyle, boxShadow } = getComputedStyle(at);
        const visible = outlineStyle !== "none" || boxShadow !== "none";
        return {
            name: at.textContent.trim().slice(0, 40) || at.ariaLabel || at.tagName,
            visible,
            tag: at.tagName,
        };
    });
    if (focus.tag === "BODY") break;
    seen.add(focus.name);
    if (!focus.visible) check(`the focus is seen on ${focus.name}`, false);
}
check(`the keyboard reaches ${seen.size} places, each with a visible focus`, seen.size >= 12);
for (const href of ["#/regions", "#/bills"]) {
    await page.focus(`nav a[href="${href}"]`);
    await page.keyboard.press("Enter");
    await page.waitForSelector(`nav a[aria-current][href="${href}"]`);
}
check("views are opened by the keyboard");
await page.focus(".head-tools > button.button");
await page.keyboard.press("Enter");
await page.waitForSelector("dialog[open]");
await support.accessible(page, "the sign-in dialog");
await page.keyboard.press("Escape");
await page.waitForSelector("dialog", { state: "detached" });
check(
    "Escape closes a dialog, the focus is back",
    await page.evaluate(() => document.activeElement.matches("button")),
);
support.noFaults(faults, "languages and keyboard");
await browser.close();
support.settle();
