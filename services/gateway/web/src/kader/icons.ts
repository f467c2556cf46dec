// icons.ts - the app's few pictures, as lines in the colour of the text; decoration beside words, never
// alone.
import { svg } from "../shared/dom.ts";

// prettier-ignore
const PATHS = {
    ENROL: "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Zm-6.5 9c0-3.6 2.9-6 6.5-6s6.5 2.4 6.5 6M18 8v6m-3-3h6",
    BIRTH: "M12 8.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z" +
        "M6 13c2-2 4-2.5 6-2.5s4 .5 6 2.5c0 5-2.7 8.5-6 8.5S6 18 6 13Zm3 2.5c2 1.3 4 1.3 6 0",
    DEATH: "M12 3c3 3 3 5 0 7-3-2-3-4 0-7Zm0 7v3m-4 0h8v8H8v-8Zm-3 8h14",
    MOVE_IN: "M4 11 12 4l8 7v9h-5m-6 0H4v-9m12 4H9m3-3-3 3 3 3",
    MOVE_OUT: "M4 11 12 4l8 7M4 11v9h6m3-5h8m-3-3 3 3-3 3",
    MOVE_WITHIN: "M4 8h13m-3-4 4 4-4 4M20 16H7m3-4-4 4 4 4",
    LAYOFF: "M4 8h16v11H4V8Zm5 0V5h6v3M9.5 11.5l5 5m0-5-5 5",
    ENROL_VULNERABLE: "M12 20s-7-4.3-7-9.5A4 4 0 0 1 12 8a4 4 0 0 1 7 2.5C19 15.7 12 20 12 20Z",
    home: "M12 5v14M5 12h14",
    list: "M4 6h2m3 0h11M4 12h2m3 0h11M4 18h2m3 0h11",
    device: "M7 3h10v18H7V3Zm4 15h2",
    back: "M15 5l-7 7 7 7",
    waiting: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16Zm0 4v4.5l3 2",
    accepted: "M5 12.5l4.5 4.5L19 7",
    forwarded: "M4 12h13m-5-5 5 5-5 5",
    refused: "M12 4 3 20h18L12 4Zm0 6v4.5m0 2.5v.5",
} as const;

export type IconName = keyof typeof PATHS;

export function icon(name: IconName): SVGSVGElement {
    return svg(
        "svg",
        { class: `icon icon-${name}`, viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" },
        svg("path", { d: PATHS[name], fill: "none", stroke: "currentColor", "stroke-width": "1.8" }),
    );
}
