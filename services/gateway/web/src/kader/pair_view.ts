// pair_view.ts - pairing, once: a code typed or brought by the QR's address. The nonce that goes with a
// code is on the disk before the first try, so that an answer that was lost gives the same token again.
import { ApiError } from "../shared/api.ts";
import { h, replace, setText } from "../shared/dom.ts";
import { problemBox, toast } from "../shared/live.ts";
import type { App, Screen } from "./app.ts";
import { textField } from "./fields.ts";
import type { PairReply } from "./store.ts";
import { say } from "./words.ts";

const CODE_CHARACTERS = 12;
const CODE = /^[0-9A-HJKMNP-TV-Z]{12}$/;

// Crockford's base 32: what is easily misread has one meaning. Dashes, spaces and case do not matter.
export function cleanCode(text: string): string {
    return text
        .toUpperCase()
        .replace(/[^0-9A-Z]/g, "")
        .replaceAll("O", "0")
        .replace(/[IL]/g, "1");
}

function groupCode(code: string): string {
    return code.replace(/(.{4})(?=.)/g, "$1-");
}

async function pairOnce(app: App, code: string, author: string): Promise<string> {
    const nonce = await app.store.pairingNonce(code);
    const reply = await app.api.send<PairReply>("POST", "/v1/pair", { code, nonce }, { tries: 3 });
    await app.store.pair(reply, author || reply.name);
    return reply.name;
}

// What the gateway says, or that the phone's storage refuses.
function faultBox(error: unknown, again?: () => void): HTMLElement {
    if (error instanceof ApiError) return problemBox(error.problem.detail, error.code, again);
    if (error instanceof DOMException) return problemBox(say("sync.storage.text"), error.name, again);
    throw error;
}

export function pairScreen(app: App, given: string, onPaired: () => Promise<void>): Screen {
    const code = textField({
        name: "code",
        label: say("pair.code"),
        hint: say("pair.code.hint"),
        capitals: "characters",
    });
    const author = textField({
        name: "author",
        label: say("pair.author"),
        hint: say("pair.author.hint"),
        capitals: "words",
        optional: true,
        autocomplete: "name",
    });
    code.write(groupCode(given));
    author.write(app.device?.author ?? "");
    const problem = h("div", {});
    const button = h("button", { type: "submit", class: "button primary", form: "pair" }, say("pair.go"));
    const again = app.device
        ? say("pair.again.lead", { name: app.device.name, count: app.counts.waiting })
        : say("pair.lead");
    const form = h(
        "form",
        { id: "pair", class: "stack pair", novalidate: true },
        h("p", { class: app.device ? "notice" : "lead" }, again),
        code.element,
        author.element,
        problem,
    );
    form.addEventListener("submit", (event) => {
        event.preventDefault();
        void go();
    });

    async function go(): Promise<void> {
        const clean = cleanCode(String(code.read()));
        const wrong = clean.length !== CODE_CHARACTERS || !CODE.test(clean);
        code.fault(wrong ? say("pair.code.short") : "");
        replace(problem);
        if (wrong) return code.focus();
        button.disabled = true;
        button.setAttribute("aria-busy", "true");
        try {
            const name = await pairOnce(app, clean, String(author.read()));
            toast(say("pair.done", { name }), "good");
            await onPaired();
        } catch (error) {
            replace(problem, faultBox(error));
        } finally {
            button.disabled = false;
            button.removeAttribute("aria-busy");
        }
    }

    queueMicrotask(() => (given ? button : code).focus());
    const actions = h("div", { class: "bottom-actions" }, button);
    if (app.device) {
        const back = h("button", { type: "button", class: "button" }, say("back"));
        back.addEventListener("click", () => app.go("device"));
        actions.prepend(back);
    }
    return { title: say("pair.title"), body: form, actions };
}

// Paired, but not ready: without regions and codes no form can be checked.
export function setupScreen(fetchLists: () => Promise<void>, onReady: () => void): Screen {
    const problem = h("div", { "aria-live": "polite" });
    const line = h("p", { class: "lead" }, say("setup.lead"));
    const bar = h("p", { class: "setup-bar", role: "status" });
    const body = h("div", { class: "stack" }, line, bar, problem);

    async function go(): Promise<void> {
        replace(problem);
        setText(bar, "…");
        try {
            await fetchLists();
            onReady();
        } catch (error) {
            replace(
                problem,
                faultBox(error, () => void go()),
            );
        } finally {
            setText(bar, "");
        }
    }

    void go();
    return { title: say("setup.title"), body };
}
