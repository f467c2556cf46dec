// card.ts - a titled piece of a view.
import { h, uniqueId, type Children } from "../../shared/dom.ts";

export function card(title: string, name: string, ...children: Children[]): HTMLElement {
    const id = uniqueId("card");
    return h(
        "section",
        { class: `card ${name}`, "aria-labelledby": id },
        h("h2", { id, class: "card-title" }, title),
        ...children,
    );
}

// A line of buttons of which one is pressed.
export function choice<Value extends string>(
    label: string,
    values: readonly Value[],
    name: (value: Value) => string,
    onChoice: (value: Value) => void,
    first: Value,
): HTMLElement {
    const buttons = values.map((value) => {
        const button = h(
            "button",
            { type: "button", class: "segment", "aria-pressed": String(value === first) },
            name(value),
        );
        button.addEventListener("click", () => {
            for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
            onChoice(value);
        });
        return button;
    });
    return h("div", { class: "segments wrap", role: "group", "aria-label": label }, buttons);
}
