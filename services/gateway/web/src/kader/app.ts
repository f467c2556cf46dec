// app.ts - what the parts of the app share: the store, the state of sending, and the device with its lists.
import type { Api } from "../shared/api.ts";
import type { Codes } from "./codes.ts";
import type { Regions } from "./regions.ts";
import type { Counts, Device, Store } from "./store.ts";
import type { Stop } from "./outbox.ts";
import type { Sync } from "./sync.ts";

export interface App {
    store: Store;
    sync: Sync;
    api: Api;
    version: string;
    device: Device | null;
    stop: Stop | null;
    regions: Regions | null;
    codes: Codes | null;
    adopted: number;
    counts: Counts;
    reload(): Promise<void>; // reads the store anew
    go(route: string): void;
}

// A screen: what stands in the middle, and at the bottom where the thumb is.
export interface Screen {
    title: string;
    body: HTMLElement;
    actions?: HTMLElement; // in place of the main parts' buttons
    refresh?: () => void | Promise<void>; // the outbox changed
    dirty?: () => boolean; // something typed would be lost
}
