// sign_in.ts - the dialog that takes a token, or a pairing code that is exchanged for one.
import type { Api } from "../../shared/api.ts";
import { openDialog } from "../../shared/dialog.ts";
import { h, set, setText, uniqueId } from "../../shared/dom.ts";
import { toast } from "../../shared/live.ts";
import { recall, remember } from "../../shared/memory.ts";
import { makeNonce } from "../../shared/nonce.ts";
import { signIn } from "../../shared/session.ts";
import { behind, sentenceOf } from "../failure.ts";
import { say } from "../words.ts";

const PAIRING_CODE = /^[0-9a-z][0-9a-z -]{10,16}$/i;

// The nonce outlives a lost reply, of the pairing and of the session behind it: the same code and nonce give
// the same token again.
function pairingNonce(): string {
    const nonce = recall("pairing-nonce", "session") ?? makeNonce();
    remember("pairing-nonce", nonce, "session");
    return nonce;
}

async function tokenOf(api: Api, text: string): Promise<string> {
    if (!PAIRING_CODE.test(text)) return text;
    const body = { code: text, nonce: pairingNonce() };
    return (await api.send<{ token: string }>("POST", "/v1/pair", body)).token;
}

export function openSignIn(api: Api): void {
    const id = uniqueId("token");
    const fault = h("p", { id: `${id}-fault`, class: "tone-bad-text", role: "alert" });
    const input = h("input", {
        id,
        type: "password",
        required: true,
        autocomplete: "off",
        spellcheck: "false",
        autocapitalize: "off",
        "aria-describedby": `${id}-hint ${id}-fault`,
    });
    const button = h("button", { type: "submit", class: "button primary" }, say("sign_in"));
    const form = h(
        "form",
        { class: "stack" },
        h("label", { for: id, class: "field" }, say("sign_in.token"), input),
        h("p", { id: `${id}-hint`, class: "small muted" }, say("sign_in.hint")),
        fault,
        h("div", { class: "actions" }, button),
    );
    const dialog = openDialog(say("sign_in"), form);
    form.addEventListener("submit", (event) => {
        event.preventDefault();
        setText(fault, "");
        set(input, { "aria-invalid": null });
        void behind(button, async () => {
            try {
                const session = await signIn(api, await tokenOf(api, input.value.trim()));
                remember("pairing-nonce", null, "session");
                dialog.close();
                toast(say("signed_in", { name: session.name }), "good");
            } catch (error) {
                setText(fault, sentenceOf(error).detail);
                set(input, { "aria-invalid": "true" });
                input.focus();
            }
        });
    });
    input.focus();
}
