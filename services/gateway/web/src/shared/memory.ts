// memory.ts - small settings in the browser's storage, which may be closed to the page (private windows,
// policies): then they last as long as the page.
const KEY_PREFIX = "cakupan.";
const fallback = new Map<string, string>();

function storage(kind: "local" | "session"): Storage | null {
    try {
        return kind === "local" ? globalThis.localStorage : globalThis.sessionStorage;
    } catch {
        return null;
    }
}

export function recall(key: string, kind: "local" | "session" = "local"): string | null {
    return storage(kind)?.getItem(KEY_PREFIX + key) ?? fallback.get(kind + key) ?? null;
}

export function remember(key: string, value: string | null, kind: "local" | "session" = "local"): void {
    if (value === null) fallback.delete(kind + key);
    else fallback.set(kind + key, value);
    try {
        if (value === null) storage(kind)?.removeItem(KEY_PREFIX + key);
        else storage(kind)?.setItem(KEY_PREFIX + key, value);
    } catch {
        // The storage is full or closed: the fallback has it.
    }
}
