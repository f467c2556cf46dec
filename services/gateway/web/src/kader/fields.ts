// fields.ts - the fields of the forms: a label, a control that phones like, a line for what is right or
// wrong, tied to the control for screen readers. A field's room for its message is kept, so nothing jumps.
import { h, replace, set, setText, uniqueId } from "../shared/dom.ts";
import { addDays, parseDay, today } from "./dates.ts";
import { say } from "./words.ts";

export interface Field {
    name: string;
    element: HTMLElement;
    read(): string | boolean;
    write(value: string | boolean): void;
    fault(sentence: string): void; // "": none
    hint(sentence: string, good?: boolean): void;
    focus(): void;
    show(visible: boolean): void;
    locked(): boolean; // its value does not come from typing
}

export interface FieldText {
    name: string;
    label: string;
    hint?: string;
    optional?: boolean;
}

interface Lines {
    hint: HTMLElement;
    fault: HTMLElement;
    ids: string;
}

function lines(text: FieldText): Lines {
    const hint = h("p", { class: "hint", id: uniqueId("hint") }, text.hint ?? "");
    const fault = h("p", { class: "fault", id: uniqueId("fault"), "aria-live": "polite" });
    return { hint, fault, ids: `${hint.id} ${fault.id}` };
}

function labelText(text: FieldText): (Node | string)[] {
    const mark = text.optional ? h("span", { class: "optional" }, ` (${say("optional")})`) : null;
    return mark ? [text.label, mark] : [text.label];
}

// What all fields share, around the control or group that carries the state of being wrong.
function field(
    text: FieldText,
    element: HTMLElement,
    marked: HTMLElement,
    parts: Lines,
    own: Partial<Field>,
): Field {
    element.dataset["field"] = text.name;
    const made: Field = {
        name: text.name,
        element,
        read: () => "",
        write: () => undefined,
        fault: (sentence) => {
            set(marked, { "aria-invalid": sentence ? "true" : null });
            element.classList.toggle("wrong", sentence !== "");
            setText(parts.fault, sentence);
        },
        hint: (sentence, good = false) => {
            setText(parts.hint, sentence);
            parts.hint.classList.toggle("good", good);
        },
        focus: () => marked.focus(),
        show: (visible) => {
            element.hidden = !visible;
        },
        locked: () => false,
    };
    return Object.assign(made, own);
}

export interface TextOptions extends FieldText {
    digits?: boolean; // a number of many digits: the phone's number keys, shown in groups of four
    capitals?: "words" | "characters" | "none";
    autocomplete?: string;
}

function group(digits: string): string {
    return digits.replace(/(.{4})(?=.)/g, "$1 ");
}

export function textField(options: TextOptions): Field {
    const parts = lines(options);
    const id = uniqueId(options.name);
    const control = h("input", {
        id,
        type: "text",
        name: options.name,
        class: options.digits ? "digits" : null,
        inputmode: options.digits ? "numeric" : null,
        autocomplete: options.autocomplete ?? "off",
        autocapitalize: options.capitals ?? (options.digits ? "none" : "sentences"),
        spellcheck: "false",
        maxlength: options.digits ? "24" : "120",
        enterkeyhint: "next",
        "aria-describedby": parts.ids,
    });
    if (options.digits) {
        // Grouping while the caret is at the end only: whoever corrects in the middle is left alone.
        control.addEventListener("input", () => {
            if (control.selectionStart === control.value.length && /^[0-9 ]*$/.test(control.value))
                control.value = group(control.value.replaceAll(" ", ""));
        });
    }
    const label = h("label", { for: id }, ...labelText(options));
    const element = h("div", { class: "field-box" }, label, control, parts.hint, parts.fault);
    return field(options, element, control, parts, {
        read: () => (options.digits ? control.value.replace(/[\s.\-]/g, "") : control.value.trim()),
        write: (value) => {
            control.value = options.digits ? group(String(value)) : String(value);
        },
    });
}

export interface Choice {
    value: string;
    label: string;
}

// A few answers side by side, each as large as a thumb.
export function choiceField(options: FieldText & { choices: Choice[]; columns?: number }): Field {
    const parts = lines(options);
    const group = uniqueId(options.name);
    const inputs = options.choices.map((choice) =>
        h("input", { type: "radio", name: group, value: choice.value, class: "visually-hidden" }),
    );
    const buttons = options.choices.map((choice, index) =>
        h("label", { class: "choice" }, inputs[index], h("span", {}, choice.label)),
    );
    const element = h(
        "fieldset",
        { class: "field-box", role: "radiogroup", "aria-describedby": parts.ids },
        h("legend", {}, ...labelText(options)),
        h("div", { class: `choices columns-${options.columns ?? options.choices.length}` }, ...buttons),
        parts.hint,
        parts.fault,
    );
    return field(options, element, element, parts, {
        read: () => inputs.find((input) => input.checked)?.value ?? "",
        write: (value) => inputs.forEach((input) => (input.checked = input.value === value)),
        focus: () => (inputs.find((input) => input.checked) ?? inputs[0])?.focus(),
    });
}

export function tickField(options: FieldText): Field {
    const parts = lines(options);
    const control = h("input", { type: "checkbox", name: options.name, "aria-describedby": parts.ids });
    const label = h("label", { class: "tick" }, control, h("span", {}, options.label));
    const element = h("div", { class: "field-box" }, label, parts.hint, parts.fault);
    return field(options, element, control, parts, {
        read: () => control.checked,
        write: (value) => {
            control.checked = value === true;
        },
    });
}

interface DatePart {
    sign: "day" | "month" | "year";
    digits: number;
}

const DATE_PARTS: DatePart[] = [
    { sign: "day", digits: 2 },
    { sign: "month", digits: 2 },
    { sign: "year", digits: 4 },
];

function datePart(part: DatePart, describedBy: string): HTMLInputElement {
    return h("input", {
        type: "text",
        inputmode: "numeric",
        autocomplete: "off",
        maxlength: String(part.digits),
        placeholder: say(`date.${part.sign}.sign`),
        class: `date-${part.sign}`,
        "aria-label": say(`date.${part.sign}`),
        "aria-describedby": describedBy,
    });
}

function goOn(inputs: HTMLInputElement[], index: number): void {
    const input = inputs[index];
    input?.addEventListener("input", () => {
        input.value = input.value.replace(/\D/g, "");
        if (input.value.length === input.maxLength) inputs[index + 1]?.focus();
    });
    input?.addEventListener("keydown", (event) => {
        if ((event as KeyboardEvent).key === "Backspace" && !input.value) inputs[index - 1]?.focus();
    });
}

function readDate(inputs: HTMLInputElement[]): string {
    const [day, month, year] = inputs.map((input) => input.value.trim()) as [string, string, string];
    if (!day && !month && !year) return "";
    return `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
}

// Day, month and year by the number keys: nobody scrolls a calendar back to 1954. Where it happened lately
// two buttons spare the typing.
export function dateField(options: FieldText & { recent?: boolean }): Field {
    const parts = lines(options);
    const inputs = DATE_PARTS.map((part) => datePart(part, parts.ids));
    inputs.forEach((_, index) => goOn(inputs, index));
    const write = (value: string | boolean) => {
        const day = parseDay(String(value));
        const texts = day
            ? [String(day.day).padStart(2, "0"), String(day.month).padStart(2, "0"), String(day.year)]
            : ["", "", ""];
        inputs.forEach((input, index) => (input.value = texts[index] ?? ""));
    };
    const quick = (key: "date.today" | "date.yesterday", days: number) => {
        const button = h("button", { type: "button", class: "button quick" }, say(key));
        button.addEventListener("click", () => {
            write(addDays(today(), days));
            button.dispatchEvent(new Event("input", { bubbles: true }));
        });
        return button;
    };
    const element = h(
        "fieldset",
        { class: "field-box", "aria-describedby": parts.ids },
        h("legend", {}, ...labelText(options)),
        h(
            "div",
            { class: "date" },
            ...inputs,
            options.recent ? [quick("date.today", 0), quick("date.yesterday", -1)] : [],
        ),
        parts.hint,
        parts.fault,
    );
    const made = field(options, element, element, parts, {
        read: () => readDate(inputs),
        write,
        focus: () => (inputs.find((input) => !input.value) ?? inputs[0])?.focus(),
    });
    const fault = made.fault;
    made.fault = (sentence) => {
        fault(sentence);
        inputs.forEach((input) => set(input, { "aria-invalid": sentence ? "true" : null }));
    };
    return made;
}

export interface Option {
    value: string;
    label: string;
}

export function selectBox(label: string, describedBy: string) {
    const id = uniqueId("select");
    const control = h("select", { id, "aria-describedby": describedBy });
    const element = h("div", { class: "select-box" }, h("label", { for: id }, label), control);
    const fill = (options: Option[]) => {
        const empty = h("option", { value: "" }, say("choose"));
        const items = options.map((one) => h("option", { value: one.value }, one.label));
        replace(control, ...(options.length > 1 ? [empty] : []), ...items);
    };
    return { control, element, fill };
}

// The lines and the frame of a field, for fields made of several controls.
export function compound(
    text: FieldText,
    build: (ids: string) => HTMLElement[],
    marked: () => HTMLElement,
    own: Partial<Field>,
): Field {
    const parts = lines(text);
    const element = h("div", { class: "field-box" }, ...build(parts.ids), parts.hint, parts.fault);
    return field(text, element, marked(), parts, own);
}
