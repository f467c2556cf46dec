// main.ts - the dashboard's beginning: puts the page together.
import "../shared/tokens.css";
import "../shared/base.css";
import { createFreshness } from "../shared/freshness.ts";
import { installLive } from "../shared/live.ts";
import { languageSwitch, skipLink, themeButton } from "../shared/preferences.ts";
import { followDevice } from "../shared/theme.ts";

followDevice();
document.body.prepend(skipLink("app"), languageSwitch(), themeButton(), createFreshness().element);
installLive();
