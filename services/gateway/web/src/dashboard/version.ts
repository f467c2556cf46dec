// version.ts - a page that stays open for months, such as a wall's, takes a new version by itself: where the
// gateway names other files than this page was made of, it loads itself anew once nobody is at work on it.
const QUIET_MS = 5 * 60_000;
const TIMEOUT_MS = 10_000;
const ASSET = /\/assets\/[\w.-]+/g;

let touchedAt = -Infinity;
let due = false;
let newer = false;

// Whether the page's document names other files than `own`. What names none is no page of ours, but, say, a
// network's login page.
export function isNewer(own: readonly string[], html: string): boolean {
    const named = new Set(html.match(ASSET) ?? []);
    return named.size > 0 && own.some((path) => !named.has(path));
}

function ownFiles(): string[] {
    const elements = [...document.head.querySelectorAll("script[src], link[rel=stylesheet]")];
    return elements.map((element) => element.getAttribute("src") ?? element.getAttribute("href") ?? "");
}

export function followTouches(): void {
    for (const name of ["pointerdown", "keydown", "drop"]) {
        addEventListener(name, () => (touchedAt = performance.now()), { capture: true, passive: true });
    }
}

// To be called after each reconnect: a gateway that was replaced brings its own pages.
export function versionMayDiffer(): void {
    due = true;
    void followVersion();
}

async function look(): Promise<void> {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const answer = await fetch("/", { cache: "no-cache", credentials: "omit", signal });
    if (!answer.ok) return;
    newer = isNewer(ownFiles(), await answer.text());
    due = false;
}

// Nothing that somebody began is thrown away: an open question, running work, a list just looked at. To be
// called again and again: whoever is at work now leaves some time.
export async function followVersion(): Promise<void> {
    if (due) await look().catch(() => undefined);
    const busy = document.querySelector("dialog[open], main progress, [aria-busy=true]") !== null;
    if (newer && !busy && performance.now() - touchedAt > QUIET_MS) location.reload();
}
