// device_view.ts - the phone itself: who it is, what protects its data, language and appearance.
import { h, replace, setText } from "../shared/dom.ts";
import { day } from "../shared/i18n.ts";
import { languageSwitch, themeButton } from "../shared/preferences.ts";
import { roleName } from "../shared/roles.ts";
import type { App, Screen } from "./app.ts";
import { textField } from "./fields.ts";
import { stopNotice } from "./home_view.ts";
import { offerInstall } from "./install.ts";
import { MASKED_DAYS, WHOLE_DAYS } from "./outbox.ts";
import { placeName } from "./regions.ts";
import { say, type Key } from "./words.ts";

function fact(key: Key, value: string): HTMLElement {
    return h("div", {}, h("dt", {}, say(key)), h("dd", {}, value || "-"));
}

function areaName(app: App): string {
    const area = app.device?.area ?? "";
    return app.device?.area_name || placeName(app.regions, area);
}

function clockNotice(app: App): HTMLElement | null {
    const heard = app.device?.clock;
    if (!heard || heard.phone === heard.city) return null;
    const text = say("device.clock", { phone: day(heard.phone), city: day(heard.city) });
    return h("p", { class: "notice tone-warning" }, text);
}

// Browsers give service workers to HTTPS (and this machine's own address) alone.
function insecureNotice(): HTMLElement | null {
    return isSecureContext ? null : h("p", { class: "notice tone-warning" }, say("device.insecure"));
}

function authorForm(app: App): HTMLElement {
    const field = textField({ name: "author", label: say("device.author"), capitals: "words" });
    field.write(app.device?.author ?? "");
    field.element.addEventListener("change", () => {
        const author = String(field.read()) || (app.device?.name ?? "");
        field.write(author);
        void app.store.setAuthor(author).then(() => app.reload());
    });
    return field.element;
}

async function showPersistence(line: HTMLElement): Promise<void> {
    const kept = (await navigator.storage?.persisted?.()) ?? false;
    setText(line, say(kept ? "device.persisted" : "device.unpersisted"));
}

export function deviceScreen(app: App): Screen {
    const top = h("div", { class: "stack" });
    const persistence = h("p", { class: "muted" });
    const refresh = () => replace(top, stopNotice(app), clockNotice(app), insecureNotice());
    refresh();
    void showPersistence(persistence);
    const send = h("button", { type: "button", class: "button primary" }, say("sync.now"));
    send.addEventListener("click", () => app.sync.wake(true));
    const repair = h("button", { type: "button", class: "button" }, say("device.repair"));
    repair.addEventListener("click", () => app.go("pair"));
    const role = app.device?.role ?? "";
    const body = h(
        "div",
        { class: "stack device" },
        top,
        h(
            "dl",
            { class: "facts panel" },
            fact("device.name", app.device?.name ?? ""),
            fact("device.number", String(app.device?.device ?? "")),
            fact("device.role", role ? roleName(role) : ""),
            fact("device.area", areaName(app)),
        ),
        app.adopted > 0 ? h("p", { class: "notice" }, say("device.adopted", { count: app.adopted })) : null,
        authorForm(app),
        h("div", { class: "preferences" }, languageSwitch(), themeButton(), offerInstall()),
        persistence,
        h("p", { class: "muted" }, say("device.privacy", { days: WHOLE_DAYS, months: MASKED_DAYS })),
        h("div", { class: "actions" }, repair, send),
        h("p", { class: "small muted" }, say("device.version", { version: app.version })),
    );
    return { title: say("device.title"), body, refresh };
}
