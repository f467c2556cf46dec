// dialog.ts - questions that need an answer before the page goes on: native dialogs, which hold the focus and
// close by Escape.
import { h, uniqueId, type Children } from "./dom.ts";
import { rememberFocus } from "./focus.ts";
import { translator } from "./i18n.ts";
import english from "./messages_en.ts";
import indonesian from "./messages_id.ts";

const say = translator({ id: indonesian, en: english });

export interface Dialog {
    element: HTMLDialogElement;
    body: HTMLElement;
    close(): void;
}

// Shows a dialog; it leaves the page when it is closed, and the focus goes back to where it was, or to what
// stands there now.
export function openDialog(title: string, ...children: Children[]): Dialog {
    const heading = uniqueId("dialog");
    const close = h("button", { class: "icon-button", type: "button", "aria-label": say("close") }, "×");
    const body = h("div", { class: "dialog-body" }, ...children);
    const element = h(
        "dialog",
        { "aria-labelledby": heading },
        h("header", { class: "dialog-head" }, h("h2", { id: heading }, title), close),
        body,
    );
    close.addEventListener("click", () => element.close());
    const focusAgain = rememberFocus();
    element.addEventListener("close", () => {
        element.remove();
        focusAgain();
    });
    document.body.append(element);
    element.showModal();
    return { element, body, close: () => element.close() };
}

export interface Question {
    title: string;
    text: Children[];
    yes: string;
    danger?: boolean;
    mustType?: string; // what has to be typed before yes is possible
    typeLabel?: string;
}

// Resolves to whether the answer was yes.
export function confirm(question: Question): Promise<boolean> {
    return new Promise((resolve) => {
        const yes = h(
            "button",
            { type: "submit", class: question.danger ? "button danger" : "button primary" },
            question.yes,
        );
        const no = h("button", { type: "button", class: "button" }, say("cancel"));
        const input = question.mustType
            ? h("input", { id: uniqueId("confirm"), type: "text", autocomplete: "off", spellcheck: "false" })
            : null;
        const form = h(
            "form",
            { class: "stack" },
            ...question.text,
            input ? h("label", { for: input.id, class: "field" }, question.typeLabel ?? "", input) : null,
            h("div", { class: "actions" }, no, yes),
        );
        const dialog = openDialog(question.title, form);
        let answer = false;
        const fits = () => !input || input.value.trim() === question.mustType;
        yes.disabled = !fits();
        input?.addEventListener("input", () => (yes.disabled = !fits()));
        no.addEventListener("click", () => dialog.close());
        form.addEventListener("submit", (event) => {
            event.preventDefault();
            answer = fits();
            if (answer) dialog.close();
        });
        dialog.element.addEventListener("close", () => resolve(answer));
        (input ?? no).focus();
    });
}
