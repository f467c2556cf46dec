// preferences.ts - the switches of language and appearance, the same on both pages.
import { h } from "./dom.ts";
import { language, setLanguage, translator, type Language } from "./i18n.ts";
import english from "./messages_en.ts";
import indonesian from "./messages_id.ts";
import { setTheme, theme, type Theme } from "./theme.ts";

const say = translator({ id: indonesian, en: english });

// Both names stand in their own language, and say so to screen readers.
export function languageSwitch(): HTMLElement {
    const button = (code: Language) =>
        h(
            "button",
            {
                type: "button",
                class: "segment",
                lang: code,
                "data-key": `language-${code}`,
                "aria-pressed": String(language() === code),
                onclick: () => setLanguage(code),
            },
            h("span", { "aria-hidden": "true" }, code.toUpperCase()),
            h("span", { class: "visually-hidden" }, say(`language.${code}`)),
        );
    return h(
        "div",
        { class: "segments", role: "group", "aria-label": say("language.label") },
        button("id"),
        button("en"),
    );
}

const SYMBOLS: Record<Theme, string> = { auto: "◐", light: "☀", dark: "☾" };
const NEXT: Record<Theme, Theme> = { auto: "light", light: "dark", dark: "auto" };

// One button that goes round: as the device, light, dark.
export function themeButton(): HTMLElement {
    const symbol = h("span", { "aria-hidden": "true" });
    const name = h("span", { class: "visually-hidden" });
    const button = h("button", { type: "button", class: "icon-button", "data-key": "theme" }, symbol, name);
    const show = () => {
        symbol.textContent = SYMBOLS[theme()];
        name.textContent = `${say("theme.label")}: ${say(`theme.${theme()}`)}`;
        button.title = name.textContent;
    };
    button.addEventListener("click", () => {
        setTheme(NEXT[theme()]);
        show();
    });
    show();
    return button;
}

// The first thing that the keyboard reaches: past the head of the page. The address stays as it is.
export function skipLink(target: string): HTMLElement {
    const link = h("a", { class: "skip", href: `#${target}` }, say("skip.content"));
    link.addEventListener("click", (event) => {
        event.preventDefault();
        document.getElementById(target)?.focus();
    });
    return link;
}
