// main.ts - the dashboard's beginning: the frame around the views, the stream that keeps them alive, and who
// is signed in.
import "../shared/tokens.css";
import "../shared/base.css";
import "./dashboard.css";
import { createApi, type Problem } from "../shared/api.ts";
import { h, replace, setText } from "../shared/dom.ts";
import { rememberFocus } from "../shared/focus.ts";
import { createFreshness } from "../shared/freshness.ts";
import { clock, day, language, onLanguage, percent } from "../shared/i18n.ts";
import { announce, installLive, toast } from "../shared/live.ts";
import { languageSwitch, skipLink, themeButton } from "../shared/preferences.ts";
import { roleName } from "../shared/roles.ts";
import { currentSession, currentToken, may, onSession, resume, signOut } from "../shared/session.ts";
import type { Session } from "../shared/session.ts";
import { openStream, type StreamState } from "../shared/stream.ts";
import { followDevice } from "../shared/theme.ts";
import { poll, type Context, type View } from "./context.ts";
import { asStream, cityToday, emptyModel, forgetFigures } from "./model.ts";
import { joinRegions, polledFreshness, takeTotals } from "./model.ts";
import { toastFailure } from "./failure.ts";
import type { Budget, CityTotals, History, Regions, StreamTotals, TotalsTable } from "./types.ts";
import { followTouches, followVersion, versionMayDiffer } from "./version.ts";
import { bills } from "./views/bills.ts";
import { overview } from "./views/overview.ts";
import { regions } from "./views/regions.ts";
import { openSignIn } from "./views/sign_in.ts";
import { surge } from "./views/surge.ts";
import { tasks } from "./views/tasks.ts";
import { say } from "./words.ts";

const ROUTES = { overview, regions, surge, tasks, bills } as const;
type Route = keyof typeof ROUTES;
const HISTORY_EVERY_MS = 10 * 60_000;
const RETRY_EVERY_MS = 10_000;
const POLL_AFTER_MS = 2_000;
const BUDGET_EVERY_MS = 60_000;
const HISTORY_DAYS = 365;

const model = emptyModel();
const api = createApi({
    token: currentToken,
    refused: (problem) => currentSession() && signOut(problem),
});
const context: Context = { api, model, go, signIn: () => openSignIn(api) };

let view: View | null = null;
let route: Route = "overview";
let freshness = createFreshness();
const asOf = h("p", { class: "small muted as-of" });
const source = h("p", { class: "small muted" });
const cityName = h("span", { class: "small muted" });
const uhc = h("p", {});

function routeOf(hash: string): Route {
    const name = hash.replace(/^#\/?/, "");
    return name in ROUTES ? (name as Route) : "overview";
}

function go(next: string): void {
    location.hash = `#/${next}`;
}

// The session's corner of the head.
function account(): HTMLElement {
    const session = currentSession();
    if (!session) {
        return h("button", { type: "button", class: "button", onclick: context.signIn }, say("sign_in"));
    }
    return h(
        "div",
        { class: "account" },
        h(
            "p",
            { class: "account-name" },
            h("strong", {}, session.name),
            h("span", { class: "small muted" }, roleName(session.role)),
        ),
        h("button", { type: "button", class: "button", onclick: () => signOut() }, say("sign_out")),
    );
}

function navigation(): HTMLElement {
    return h(
        "nav",
        { "aria-label": say("nav.label"), class: "tabs" },
        (Object.keys(ROUTES) as Route[]).map((name) =>
            h("a", { href: `#/${name}`, "aria-current": name === route ? "page" : null }, say(`nav.${name}`)),
        ),
    );
}

// Draws everything anew: at the start, and when language, session or view change.
function drawFrame(): void {
    const focusAgain = rememberFocus();
    view?.close?.();
    freshness = createFreshness();
    view = ROUTES[route](context);
    const heading = h("h1", { class: "visually-hidden", tabindex: -1 }, say(`nav.${route}`));
    replace(
        document.getElementById("app") as HTMLElement,
        skipLink("content"),
        h(
            "header",
            { class: "head" },
            h(
                "a",
                { href: "#/overview", class: "brand" },
                h("img", { src: "/icon.svg", alt: "", width: 36, height: 36 }),
                h("span", {}, h("strong", {}, "Cakupan"), cityName),
            ),
            h("div", { class: "fresh" }, freshness.element, uhc, asOf),
            h("div", { class: "head-tools" }, languageSwitch(), themeButton(), account()),
        ),
        navigation(),
        h("main", { id: "content", tabindex: -1 }, heading, view.element),
        h(
            "footer",
            { class: "foot" },
            source,
            h(
                "p",
                { class: "small" },
                h("a", { href: "/kader" }, say("foot.kader")),
                " · ",
                h("a", { href: "/v1/openapi.json" }, say("foot.api")),
            ),
        ),
    );
    document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
    document.title = `${say(`nav.${route}`)} · Cakupan`;
    draw();
    focusAgain();
}

function drawUhc(): void {
    const status = model.totals?.city_uhc;
    uhc.hidden = status === undefined;
    if (!status) return;
    uhc.className = `chip ${status === "yes" ? "tone-good" : "tone-bad"}`;
    setText(uhc, say(`uhc.${status === "yes" || status === "registered_only" ? status : "no"}`));
}

function drawSource(): void {
    setText(cityName, model.regions?.city.name ?? "");
    const parts = [
        model.source
            ? say("foot.source", {
                  day: day(model.source.population_as_of),
                  source:
                      model.regions?.city.population_source?.[language()] ?? model.source.population_source,
              })
            : "",
        model.totals?.suppressed_below
            ? say("withheld.why", { count: model.totals.suppressed_below - 1 })
            : "",
    ];
    setText(source, parts.filter(Boolean).join(" "));
}

function draw(): void {
    freshness.show(model.stream.state, model.stream.since);
    const { totals } = model;
    document.body.dataset["fresh"] = String(["live", "polling", "connecting"].includes(model.stream.state));
    setText(
        asOf,
        totals?.as_of ? say("as_of", { day: day(totals.day, "short"), time: clock(totals.as_of_ms) }) : "",
    );
    drawUhc();
    drawSource();
    view?.update(model);
}

// Many events, one drawing: at most once a frame.
let drawing = false;
function drawSoon(): void {
    if (drawing) return;
    drawing = true;
    requestAnimationFrame(() => {
        drawing = false;
        draw();
    });
}

function spoken(totals: StreamTotals): string {
    const { registered_percent: registered, active_percent: active } = totals.city;
    if (registered === null || active === null) return "";
    return say("spoken", { registered: percent(registered), active: percent(active) });
}

let said = "";
function hear(totals: StreamTotals): void {
    takeTotals(model, totals);
    followHistory();
    drawSoon();
    const text = model.totals ? spoken(model.totals) : "";
    if (text && said && text !== said) announce(text);
    said = text;
}

let streamed: { state: StreamState; since: Date } = { state: "connecting", since: new Date() };
const stream = openStream({
    url: "/v1/totals/stream",
    token: currentToken,
    onEvent: (event) => event.event === "totals" && hear(JSON.parse(event.data) as StreamTotals),
    onState: (state, since) => {
        const before = streamed.state;
        model.stream = streamed = { state, since };
        if (state === "disconnected") setTimeout(() => void pollTotals(), POLL_AFTER_MS);
        if (state === "live") void resume(api); // a gateway that is back knows who we are
        if (state === "live" && before === "disconnected") versionMayDiffer();
        if (state === "ended") signOut({ code: "DEVICE_REVOKED", status: 401, detail: say("revoked") });
        drawSoon();
    },
});

// What was asked for with another token is of no use: an officer's figures are not the public's.
async function ours<Answer>(ask: Promise<Answer>): Promise<Answer | null> {
    const token = currentToken();
    const answer = await ask.catch(() => null);
    return token === currentToken() ? answer : null;
}

// Regions and the source of their populations stay as they are; until they are there they are asked for.
let missingTold = false;
async function loadMissing(): Promise<void> {
    try {
        model.regions ??= await api.get<Regions>("/v1/regions");
        model.source ??= await api.get<CityTotals>("/v1/totals");
    } catch (error) {
        if (!missingTold) toastFailure(error);
        missingTold = true;
        return;
    }
    joinRegions(model);
    followHistory();
    drawSoon();
}

// Where there is no stream (a proxy that holds it back, too many watchers) figures are asked for instead.
async function pollTotals(): Promise<void> {
    if (streamed.state !== "disconnected") return;
    const city = await ours(api.get<CityTotals>("/v1/totals", { tries: 1 }));
    const query = { level: "all" };
    const table = city && (await ours(api.get<TotalsTable>("/v1/totals", { query, tries: 1 })));
    if (streamed.state !== "disconnected") return;
    const whole = city !== null && Array.isArray(table?.rows);
    model.stream = polledFreshness(whole ? city : null, streamed.since);
    if (whole && table) hear(asStream(city, table));
    drawSoon();
}

async function loadHistory(): Promise<void> {
    const today = cityToday(model);
    const from = new Date(Date.parse(`${today}T00:00:00Z`) - HISTORY_DAYS * 86_400_000)
        .toISOString()
        .slice(0, 10);
    const query = { from, region: model.regions?.city.code };
    const answer = await ours(api.get<History>("/v1/history", { query }));
    if (answer) model.history = answer;
    drawSoon();
}

// There is a history from the first registered person on; before that there is nothing to ask for.
let stopHistory: (() => void) | null = null;
function followHistory(): void {
    if (stopHistory || !model.regions || !model.totals || model.totals.city.registered === 0) return;
    stopHistory = poll(HISTORY_EVERY_MS, loadHistory);
}

async function loadBudget(): Promise<void> {
    if (!may("budget.read")) return;
    const year = cityToday(model).slice(0, 4);
    const answer = await ours(api.get<Budget>(`/v1/budget/${year}`, { timeoutMs: 45_000 }));
    if (answer) model.budget = answer;
    drawSoon();
}

let signedIn = false;
function takeSession(session: Session | null, why: Problem | null): void {
    const lost = signedIn && !session;
    signedIn = session !== null;
    if (lost) document.querySelectorAll("dialog").forEach((dialog) => dialog.close());
    if (!session) forgetFigures(model);
    said = "";
    stopHistory?.(); // the history of one audience is not the other's
    stopHistory = null;
    stream.restart();
    void loadBudget();
    drawFrame();
    if (why) toast(why.detail, "bad");
}

function followRoute(): void {
    if (routeOf(location.hash) === route) return;
    route = routeOf(location.hash);
    drawFrame();
    document.querySelector<HTMLElement>("main h1")?.focus();
    scrollTo(0, 0);
}

function begin(): void {
    followDevice();
    followTouches();
    route = routeOf(location.hash);
    drawFrame();
    installLive();
    onLanguage(drawFrame);
    onSession(takeSession);
    addEventListener("hashchange", followRoute);
    poll(RETRY_EVERY_MS, () => resume(api));
    poll(RETRY_EVERY_MS, loadMissing);
    poll(RETRY_EVERY_MS, followVersion);
    poll(RETRY_EVERY_MS, pollTotals);
    poll(BUDGET_EVERY_MS, loadBudget);
}

begin();
