// early.ts - runs before the page is drawn: the language and the appearance that were chosen, so that
// nothing flashes.
import { recall } from "./memory.ts";
import { showTheme } from "./theme.ts";

showTheme();
if (recall("language") === "en") document.documentElement.lang = "en";
