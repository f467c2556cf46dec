// main.ts - the kader app's beginning: opens the store, shows the screen that the address names, keeps the
// lists fresh, and wakes the sender.
import "../shared/tokens.css";
import "../shared/base.css";
import "./kader.css";
import { ApiError, createApi } from "../shared/api.ts";
import { confirm } from "../shared/dialog.ts";
import { h, replace } from "../shared/dom.ts";
import { language, onLanguage } from "../shared/i18n.ts";
import { installLive, toast } from "../shared/live.ts";
import type { Session } from "../shared/session.ts";
import { followDevice } from "../shared/theme.ts";
import type { App, Screen } from "./app.ts";
import { isCodes } from "./codes.ts";
import { today } from "./dates.ts";
import { deviceScreen } from "./device_view.ts";
import { babyStart, correctionStart, isKind, reportedNewborns, type FormStart } from "./form_start.ts";
import { formScreen } from "./form_view.ts";
import { homeScreen } from "./home_view.ts";
import { askBackgroundSync, installWorker, protectStorage } from "./install.ts";
import { isFilter, listScreen } from "./list_view.ts";
import { pairScreen, setupScreen } from "./pair_view.ts";
import { isRegions } from "./regions.ts";
import { createShell, type Shell } from "./shell.ts";
import { Store } from "./store.ts";
import { startSync } from "./sync.ts";
import { say } from "./words.ts";

// The name of this program carries its content's hash: it is the version.
const VERSION = new URL(import.meta.url).pathname;
const TIDY_EVERY_MS = 3_600_000;

function makeApp(store: Store): App {
    const app: App = {
        store,
        sync: startSync(store, VERSION),
        api: createApi({ token: () => app.device?.token ?? null }),
        version: VERSION.replace(/^.*-([0-9a-f]+)\.js$/, "$1"),
        device: null,
        stop: null,
        regions: null,
        codes: null,
        adopted: 0,
        counts: { waiting: 0, accepted: 0, refused: 0 },
        reload: async () => {
            const kept = await store.settings();
            app.device = kept.device;
            app.stop = kept.stop;
            app.adopted = kept.adopted;
            if (isRegions(kept.regions)) app.regions = kept.regions;
            if (isCodes(kept.codes)) app.codes = kept.codes;
            app.counts = await store.counts();
        },
        go: (route) => {
            location.hash = `#/${route}`;
        },
    };
    return app;
}

// The city's regions and codes, and what the device is now. Fetched anew at each start; the browser's own
// cache answers where nothing has changed.
async function fetchLists(app: App): Promise<void> {
    const [regions, codes] = await Promise.all([
        app.api.get<unknown>("/v1/regions"),
        app.api.get<unknown>("/v1/codes"),
    ]);
    if (isRegions(regions)) await app.store.keep("regions", regions);
    if (isCodes(codes)) await app.store.keep("codes", codes);
    const askedOn = today();
    await app.store.takeSession(await app.api.get<Session>("/v1/session"), askedOn);
    await app.reload();
}

function parts(route: string): [string, string] {
    const [name = "", argument = ""] = route.split("/");
    return [name, argument];
}

class Router {
    private form: { route: string; dirty: () => boolean } | null = null;
    private route = "";

    constructor(
        private readonly app: App,
        private readonly shell: Shell,
    ) {
        addEventListener("hashchange", () => void this.changed());
        addEventListener("beforeunload", (event) => {
            if (this.form?.dirty()) event.preventDefault();
        });
        onLanguage(() => {
            void app.store.keep("language", language());
            void this.show();
        });
    }

    // #pair=CODE comes from the QR. The code leaves the address at once: it is a secret while it lives.
    private takePairing(): string {
        const code = /^#pair=([0-9A-Za-z -]+)$/.exec(decodeURIComponent(location.hash))?.[1] ?? "";
        if (code) history.replaceState(null, "", "#/pair");
        return code;
    }

    // The phone's "back" leaves a form only after a question, if something in it is not saved.
    private async changed(): Promise<void> {
        if (location.hash === `#/${this.form?.route}`) return;
        if (this.form?.dirty()) {
            const wanted = location.hash;
            history.replaceState(null, "", `#/${this.form.route}`);
            const text = [h("p", {}, say("form.leave"))];
            const title = say("form.leave.title");
            if (!(await confirm({ title, text, yes: say("form.leave.yes") }))) return;
            history.replaceState(null, "", wanted);
        }
        await this.show();
    }

    async show(): Promise<void> {
        const code = this.takePairing();
        await this.app.reload();
        this.route = location.hash.replace(/^#\/?/, "");
        this.form = null;
        const { screen, part } = await this.screen(code);
        this.shell.show(screen, part);
    }

    private async screen(code: string): Promise<{ screen: Screen; part: string }> {
        const { app } = this;
        if (!app.device || code || this.route === "pair") {
            return { screen: pairScreen(app, code, () => this.paired()), part: "device" };
        }
        if (!app.regions || !app.codes) {
            const screen = setupScreen(
                () => fetchLists(app),
                () => void this.show(),
            );
            return { screen, part: "" };
        }
        const start = await this.formStart(...parts(this.route));
        if (start) return { screen: this.openForm(start), part: "home" };
        const [name, argument] = parts(this.route);
        if (name === "list")
            return { screen: listScreen(app, isFilter(argument) ? argument : "all"), part: "list" };
        if (name === "device") return { screen: deviceScreen(app), part: "device" };
        return { screen: homeScreen(app), part: "home" };
    }

    private async formStart(name: string, argument: string): Promise<FormStart | null> {
        if (name === "capture" && isKind(argument)) return { kind: argument, draft: {}, corrects: null };
        if (name !== "correct" && name !== "baby") return null;
        const { store } = this.app;
        const entry = await store.entry(Number(argument) || 0);
        const reported = reportedNewborns(await store.list());
        const start = name === "baby" ? babyStart(entry, reported) : correctionStart(entry);
        if (!start) this.leaveOldForm();
        return start;
    }

    // The phone's "back" brings an address again whose form is done with: the list says how it stands.
    private leaveOldForm(): void {
        this.route = "list/all";
        history.replaceState(null, "", `#/${this.route}`);
        toast(say("form.closed"));
    }

    private openForm(start: FormStart): Screen {
        const screen = formScreen(this.app, start, () => {
            this.form = null;
            this.app.go(start.corrects === null ? "home" : "list/all");
        });
        this.form = { route: this.route, dirty: screen.dirty ?? (() => false) };
        return screen;
    }

    private async paired(): Promise<void> {
        history.replaceState(null, "", "#/home");
        await protectStorage();
        await this.show();
        this.app.sync.wake(true);
    }
}

function showBlocked(text: string): void {
    const again = h("button", { type: "button", class: "button primary" }, say("reload"));
    again.addEventListener("click", () => location.reload());
    const box = h("main", { class: "blocked stack" }, h("h1", {}, "Cakupan"), h("p", {}, text), again);
    const place = document.getElementById("app");
    if (place) replace(place, box);
}

async function start(): Promise<void> {
    followDevice();
    installLive();
    let store: Store;
    try {
        store = await Store.open(() => showBlocked(say("boot.outdated")));
    } catch {
        return showBlocked(say("boot.storage"));
    }
    const app = makeApp(store);
    await app.reload();
    const shell = createShell(app);
    const router = new Router(app, shell);
    let waitingBefore = app.counts.waiting;
    app.sync.told(() => {
        void app.reload().then(() => {
            shell.refresh();
            if (app.counts.waiting > waitingBefore) void askBackgroundSync();
            waitingBefore = app.counts.waiting;
        });
    });
    await router.show();
    await store.tidy(Date.now());
    setInterval(() => void store.tidy(Date.now()), TIDY_EVERY_MS);
    app.sync.wake();
    void installWorker((takeOver) => shell.banner(say("update.ready"), say("reload"), takeOver));
    if (app.device && app.regions && app.codes) {
        void fetchLists(app)
            .then(() => shell.refresh())
            .catch((error) => {
                // Without network, or where the storage is full, the lists stay as they were.
                if (!(error instanceof ApiError || error instanceof DOMException)) throw error;
            });
    }
}

void start();
