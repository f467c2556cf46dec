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

// Asks again every so often while the view is shown and the page is seen; the first time at once.
export function poll(everyMs: number, ask: () => Promise<void>): () => void {
    let stopped = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const turn = async () => {
        try {
            if (!document.hidden) await ask();
        } finally {
            if (!stopped) timer = setTimeout(() => void turn(), everyMs);
        }
    };
    void turn();
    return () => {
        stopped = true;
        clearTimeout(timer);
    };
}
