// service_worker.ts - keeps the app's files on the phone, so that it opens without a network, and sends the
// outbox in the background where the browser offers that. Answers of /v1/ are never cached here.
//
// The files of one build are one cache, named by their version: a page always gets the files it was built
// with. A new version waits until no page needs the old one, or a page says "take over". The outbox lies in
// IndexedDB, which no update touches.
import { sendOnce, tellTabs } from "./sync.ts";
import { Store } from "./store.ts";

declare const self: ServiceWorkerGlobalScope;
declare const PAGE_FILES: string[];
declare const PAGE_VERSION: string;

interface SyncEvent extends ExtendableEvent {
    readonly lastChance: boolean;
}

const PREFIX = "cakupan-kader-";
const CACHE = PREFIX + PAGE_VERSION;
const PAGE = "/kader";
// The name of the page's program is its version: the page reads the same from its own address.
const PROGRAM = PAGE_FILES.find((path) => /^\/assets\/kader-.*\.js$/.test(path)) ?? PAGE_VERSION;

async function install(): Promise<void> {
    const cache = await caches.open(CACHE);
    // A name with a hash may come from the browser's cache, the page itself has to be the newest.
    await cache.addAll(PAGE_FILES.map((path) => new Request(path, { cache: "no-cache" })));
}

async function activate(): Promise<void> {
    const names = await caches.keys();
    await Promise.all(
        names.filter((name) => name.startsWith(PREFIX) && name !== CACHE).map((name) => caches.delete(name)),
    );
    await self.clients.claim();
}

async function fromCache(path: string, request: Request): Promise<Response> {
    const cache = await caches.open(CACHE);
    return (await cache.match(path)) ?? fetch(request);
}

async function sendInBackground(event: SyncEvent): Promise<void> {
    const store = await Store.open(() => undefined);
    const language = (await store.kept<string>("language")) ?? "id";
    const result = await sendOnce(store, PROGRAM, () => language);
    tellTabs();
    const left = result?.end === "retry" || result?.end === "patience";
    // Failing makes the browser try again later; at its last try the page's own timer has to do.
    if (left && !event.lastChance) throw new Error("Not everything could be sent.");
}

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("message", (event) => {
    if (event.data === "take over") void self.skipWaiting();
});
self.addEventListener("sync" as keyof ServiceWorkerGlobalScopeEventMap, (event) => {
    const sync = event as unknown as SyncEvent;
    sync.waitUntil(sendInBackground(sync));
});
self.addEventListener("fetch", (event) => {
    const url = new URL(event.request.url);
    if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
    if (event.request.mode === "navigate" && url.pathname === PAGE) {
        event.respondWith(fromCache(PAGE, event.request));
    } else if (PAGE_FILES.includes(url.pathname)) {
        event.respondWith(fromCache(url.pathname, event.request));
    }
});
