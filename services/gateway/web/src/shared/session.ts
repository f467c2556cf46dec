// session.ts - who uses the page: a token, kept for this tab only (sessionStorage), and what its device may.
import { ApiError, type Api, type Problem } from "./api.ts";
import { recall, remember } from "./memory.ts";

export type Role = "kader" | "labour-office" | "bpjs" | "health-office" | "finance" | "reader" | "service";

export interface Session {
    device: number;
    name: string;
    role: Role;
    area: string;
    area_name: string;
    next_sequence: number;
    day: string;
    may: string[];
}

let token: string | null = recall("token", "session");
let session: Session | null = null;
const listeners = new Set<(session: Session | null, why: Problem | null) => void>();

export const currentToken = (): string | null => token;
export const currentSession = (): Session | null => session;
export const may = (right: string): boolean => session?.may.includes(right) ?? false;

// Calls back with the session, or null; `why` is the problem where the server ended it.
export function onSession(listener: (session: Session | null, why: Problem | null) => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
}

function become(next: Session | null, why: Problem | null = null): void {
    session = next;
    for (const listener of listeners) listener(next, why);
}

// Takes a token over where the server knows it; throws its problem otherwise.
export async function signIn(api: Api, candidate: string): Promise<Session> {
    const before = token;
    token = candidate.trim();
    try {
        const next = await api.get<Session>("/v1/session");
        remember("token", token, "session");
        become(next);
        return next;
    } catch (error) {
        token = before;
        throw error;
    }
}

export function signOut(why: Problem | null = null): void {
    token = null;
    remember("token", null, "session");
    become(null, why);
}

let resuming = false;

// Takes the tab's token up again after a reload. A token that is no longer known is forgotten; while the
// server can't be reached nothing is decided: to be called again until it can.
export async function resume(api: Api): Promise<void> {
    const asked = token;
    if (!asked || session || resuming) return;
    resuming = true;
    try {
        const next = await api.get<Session>("/v1/session");
        if (token === asked && !session) become(next);
    } catch (error) {
        const refused = error instanceof ApiError && error.problem.status === 401;
        if (refused && token === asked && !session) signOut(error.problem);
    } finally {
        resuming = false;
    }
}
