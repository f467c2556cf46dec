// database.ts - IndexedDB as promises: a connection that is opened again where the browser closed it, and
// transactions that are durable when they resolve.
const NAME = "cakupan-kader";
const VERSION = 1;

export type StoreName = "settings" | "entries";

function create(database: IDBDatabase): void {
    database.createObjectStore("settings");
    const entries = database.createObjectStore("entries", { keyPath: "id" });
    entries.createIndex("state", ["device", "state", "sequence"]);
}

function connect(): Promise<IDBDatabase> {
    return new Promise((resolve, reject) => {
        const request = indexedDB.open(NAME, VERSION);
        request.addEventListener("upgradeneeded", () => create(request.result));
        request.addEventListener("error", () => reject(request.error));
        request.addEventListener("success", () => resolve(request.result));
    });
}

function ended(transaction: IDBTransaction): Promise<void> {
    const done = new Promise<void>((resolve, reject) => {
        transaction.addEventListener("complete", () => resolve());
        transaction.addEventListener("abort", () =>
            reject(transaction.error ?? new Error("The change was undone.")),
        );
    });
    done.catch(() => undefined);
    return done;
}

export function ask<Value>(request: IDBRequest<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
        request.addEventListener("success", () => resolve(request.result));
        request.addEventListener("error", () => reject(request.error));
    });
}

export class Database {
    private connection: Promise<IDBDatabase> | null = null;

    // `onOutdated`: another tab runs a newer version of the app that needs the database for itself.
    private constructor(private readonly onOutdated: () => void) {}

    static async open(onOutdated: () => void): Promise<Database> {
        const database = new Database(onOutdated);
        await database.connected();
        return database;
    }

    private connected(): Promise<IDBDatabase> {
        if (this.connection) return this.connection;
        const connection = connect();
        this.connection = connection;
        connection.then(
            (opened) => this.watch(opened, connection),
            () => this.forget(connection),
        );
        return connection;
    }

    // The browser closes a connection by itself where it is short of space, or after an error of the disk.
    private watch(opened: IDBDatabase, connection: Promise<IDBDatabase>): void {
        opened.addEventListener("close", () => this.forget(connection));
        opened.addEventListener("versionchange", () => {
            opened.close();
            this.onOutdated();
        });
    }

    private forget(connection: Promise<IDBDatabase>): void {
        if (this.connection === connection) this.connection = null;
    }

    // A connection that turns out to be closed is opened anew, once: nothing was begun on it.
    private async begin(mode: IDBTransactionMode, names: StoreName[]): Promise<IDBTransaction> {
        const options = { durability: "strict" } as const;
        const connection = this.connected();
        const opened = await connection;
        try {
            return opened.transaction(names, mode, options);
        } catch (error) {
            if (!(error instanceof DOMException) || error.name !== "InvalidStateError") throw error;
            this.forget(connection);
            return (await this.connected()).transaction(names, mode, options);
        }
    }

    // Runs `work` in one transaction and resolves when that is on the disk; whatever fails undoes all of it.
    // `work` may wait for requests of this transaction only.
    async transact<Value>(
        mode: IDBTransactionMode,
        names: StoreName[],
        work: (transaction: IDBTransaction) => Promise<Value>,
    ): Promise<Value> {
        const transaction = await this.begin(mode, names);
        const done = ended(transaction);
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
}
