// early.ts - runs before the page is drawn: its language and its appearance, so that nothing flashes.
import { firstLanguage } from "./language.ts";
import { showTheme } from "./theme.ts";

showTheme();
document.documentElement.lang = firstLanguage();
