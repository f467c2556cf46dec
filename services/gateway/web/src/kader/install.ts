// install.ts - what the browser gives an app that is meant to stay: storage that is not cleared, a place on
// the home screen, files for offline use, sending in the background; and new versions without losing what
// is typed.
import { h } from "../shared/dom.ts";
import { say } from "./words.ts";

interface InstallPrompt extends Event {
    prompt(): Promise<void>;
}

let offer: InstallPrompt | null = null;
addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    offer = event as InstallPrompt;
});

export function offerInstall(): HTMLElement | null {
    if (!offer) return null;
    const button = h("button", { type: "button", class: "button" }, say("device.install"));
    button.addEventListener("click", () => void offer?.prompt());
    return button;
}

export async function protectStorage(): Promise<void> {
    await navigator.storage?.persist?.().catch(() => false);
}

// Asks the browser to send even if this page is closed before the network is back; not all can.
export async function askBackgroundSync(): Promise<void> {
    const registration = await navigator.serviceWorker?.getRegistration("/kader");
    const sync = (registration as { sync?: { register(tag: string): Promise<void> } } | undefined)?.sync;
    await sync?.register("outbox").catch(() => undefined);
}

// Installs the service worker. `onReady` is told of a new version that waits, with what makes it take over:
// the page then loads anew, once.
export async function installWorker(onReady: (takeOver: () => void) => void): Promise<void> {
    if (!navigator.serviceWorker) return;
    const controlled = navigator.serviceWorker.controller !== null;
    let reloaded = false;
    navigator.serviceWorker.addEventListener("controllerchange", () => {
        if (!controlled || reloaded) return;
        reloaded = true;
        location.reload();
    });
    const options = { scope: "/kader", updateViaCache: "none" } as const;
    const registration = await navigator.serviceWorker.register("/kader-worker.js", options);
    const tell = (worker: ServiceWorker | null) => {
        if (worker && controlled) onReady(() => worker.postMessage("take over"));
    };
    tell(registration.waiting);
    registration.addEventListener("updatefound", () => {
        const worker = registration.installing;
        worker?.addEventListener("statechange", () => worker.state === "installed" && tell(worker));
    });
}
