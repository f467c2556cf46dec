// language.ts - in which language a page begins. Indonesian first: only somebody who chose English, or whose
// browser speaks English itself, begins in English.
import { recall } from "./memory.ts";

export type Language = "id" | "en";

export function firstLanguage(): Language {
    const chosen = recall("language");
    if (chosen === "id" || chosen === "en") return chosen;
    return /^en\b/i.test(globalThis.navigator?.language ?? "") ? "en" : "id";
}
