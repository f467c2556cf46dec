// database.ts - IndexedDB as promises: opening, and transactions that are durable when they resolve.
const NAME = "cakupan-kader";
const VERSION = 1;

export type StoreName = "settings" | "entries";

function create(database: IDBDatabase): void {
    database.createObjectStore("settings");
    const entries = database.createObjectStore("entries", { keyPath: "id" });
    entries.createIndex("state", ["device", "state", "sequence"]);
}

// `onOutdated`: another tab runs a newer version of the app that needs the database for itself.
export function openDatabase(onOutdated: () => void): Promise<IDBDatabase> {
    return new Promise((resolve, reject) => {
        const request = indexedDB.open(NAME, VERSION);
        request.addEventListener("upgradeneeded", () => create(request.result));
        request.addEventListener("error", () => reject(request.error));
        request.addEventListener("success", () => {
            const database = request.result;
            database.addEventListener("versionchange", () => {
                database.close();
                onOutdated();
            });
            resolve(database);
        });
    });
}

export function ask<Value>(request: IDBRequest<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
        request.addEventListener("success", () => resolve(request.result));
        request.addEventListener("error", () => reject(request.error));
    });
}

// Runs `work` in one transaction and resolves when that is on the disk; whatever fails undoes all of it.
// `work` may wait for requests of this transaction only.
export async function transact<Value>(
    database: IDBDatabase,
    mode: IDBTransactionMode,
    names: StoreName[],
    work: (transaction: IDBTransaction) => Promise<Value>,
): Promise<Value> {
    const transaction = database.transaction(names, mode, { durability: "strict" });
    const done = new Promise<void>((resolve, reject) => {
        transaction.addEventListener("complete", () => resolve());
        transaction.addEventListener("abort", () =>
            reject(transaction.error ?? new Error("The change was undone.")),
        );
    });
    done.catch(() => undefined);
    try {
        const value = await work(transaction);
        await done;
        return value;
    } catch (error) {
        try {
            transaction.abort();
        } catch {
            // It has ended already.
        }
        throw error;
    }
}
