// context.ts - what every view is given: the API, the model and a way to be told of changes.
import type { Api } from "../shared/api.ts";
import type { Model } from "./model.ts";

export interface Context {
    api: Api;
    model: Model;
    go(route: string): void;
    signIn(): void;
}

export interface View {
    element: HTMLElement;
    update(model: Model): void; // at most once a frame, while the view is shown
    close?(): void;
}

// Asks again every so often while the page is seen; the first time at once, and when it is seen again.
export function poll(everyMs: number, ask: () => Promise<void>): () => void {
    let stopped = false;
    let asking = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const turn = async () => {
        if (asking || stopped) return;
        clearTimeout(timer);
        asking = true;
        try {
            if (!document.hidden) await ask();
        } finally {
            asking = false;
            if (!stopped) timer = setTimeout(() => void turn(), everyMs);
        }
    };
    const seen = () => void turn();
    document.addEventListener("visibilitychange", seen);
    seen();
    return () => {
        stopped = true;
        clearTimeout(timer);
        document.removeEventListener("visibilitychange", seen);
    };
}
