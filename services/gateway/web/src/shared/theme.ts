// theme.ts - light, dark, or as the device has it; kept in localStorage. Where nothing was chosen the page
// says what holds (<html data-theme-default="light">), else the device. The stylesheets know light and dark
// only: "auto" becomes one of them here.
import { recall, remember } from "./memory.ts";

export type Theme = "auto" | "light" | "dark";

const listeners = new Set<() => void>();
const device = globalThis.matchMedia?.("(prefers-color-scheme: dark)");

export function theme(): Theme {
    const kept = recall("theme");
    if (kept === "light" || kept === "dark" || kept === "auto") return kept;
    return document.documentElement.dataset["themeDefault"] === "light" ? "light" : "auto";
}

// Puts the choice on the page.
export function showTheme(): void {
    const kept = theme();
    const shown = kept === "auto" ? (device?.matches ? "dark" : "light") : kept;
    document.documentElement.dataset["theme"] = shown;
    for (const listener of listeners) listener();
}

export function setTheme(next: Theme): void {
    remember("theme", next);
    showTheme();
}

// Calls back when colours change, by choice or by the device: canvases have to be drawn again.
export function onTheme(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
}

// From now on the page follows the device where that is the choice.
export function followDevice(): void {
    device?.addEventListener("change", showTheme);
}

// The present value of a design token, for what is drawn on a canvas.
export function token(name: string): string {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
