// api.ts - requests to the gateway: the token, time limits, problem documents as errors with code and
// sentence, and patience where the server asks for it (Retry-After, retry_after_ms).
import { language, translator } from "./i18n.ts";
import english from "./messages_en.ts";
import indonesian from "./messages_id.ts";

const say = translator({ id: indonesian, en: english });

// What went wrong. `code` is stable: the gateway's, or NETWORK_UNREACHABLE, TIMEOUT, ANSWER_MALFORMED of
// this file.
export interface Problem {
    code: string;
    status: number; // 0: no answer
    detail: string;
    field?: string;
    expected_sequence?: number;
    retry_after_ms?: number;
}

export class ApiError extends Error {
    constructor(readonly problem: Problem) {
        super(problem.detail);
        this.name = "ApiError";
    }
    get code(): string {
        return this.problem.code;
    }
    // Whether the same request may succeed later without anybody changing it.
    get passes(): boolean {
        return [0, 408, 429, 502, 503, 504].includes(this.problem.status);
    }
}

export interface ApiOptions {
    token: () => string | null;
    refused?: (problem: Problem) => void; // told of every 401: the token is unknown or revoked
    fetch?: typeof fetch;
    sleep?: (ms: number) => Promise<void>;
}

export interface RequestOptions {
    query?: Record<string, string | number | boolean | null | undefined>;
    headers?: Record<string, string>;
    timeoutMs?: number;
    signal?: AbortSignal;
    tries?: number; // more than one only where repeating is harmless
}

export interface Api {
    get<Answer>(path: string, options?: RequestOptions): Promise<Answer>;
    // A body of null: none is sent.
    send<Answer>(
        method: "POST" | "PUT",
        path: string,
        body: unknown,
        options?: RequestOptions,
    ): Promise<Answer>;
    upload<Answer>(path: string, file: Blob, type: string, options?: RequestOptions): Promise<Answer>;
    file(path: string, options?: RequestOptions): Promise<{ name: string; content: Blob }>;
}

const TIMEOUT_MS = 15_000;
const TRIES_OF_GET = 3;
const PAUSE_MS = 500;
const PAUSE_MS_MAX = 8_000;

export function problemHere(
    code: "NETWORK_UNREACHABLE" | "TIMEOUT" | "ANSWER_MALFORMED",
    status: number,
    seconds = 0,
): Problem {
    return { code, status, detail: say(`problem.${code}`, { status, seconds }) };
}

// A problem document (RFC 9457), or the nearest to one that the answer allows.
export async function readProblem(answer: Response): Promise<Problem> {
    const wait = Number(answer.headers.get("Retry-After"));
    const patience = wait > 0 ? { retry_after_ms: wait * 1000 } : {};
    const body: unknown = await answer.json().catch(() => null);
    const document = (body ?? {}) as Partial<Problem>;
    if (typeof document.code !== "string" || typeof document.detail !== "string") {
        return { ...problemHere("ANSWER_MALFORMED", answer.status), ...patience };
    }
    return { ...patience, ...document, code: document.code, detail: document.detail, status: answer.status };
}

function address(path: string, query: RequestOptions["query"] = {}): string {
    const parts = Object.entries(query).filter(([, value]) => value !== null && value !== undefined);
    if (!parts.length) return path;
    return `${path}?${new URLSearchParams(parts.map(([key, value]) => [key, String(value)]))}`;
}

function nameOf(answer: Response, path: string): string {
    const name = /filename="?([^";]+)"?/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1];
    return name ?? path.slice(path.lastIndexOf("/") + 1);
}

export function createApi(options: ApiOptions): Api {
    const call = options.fetch ?? globalThis.fetch.bind(globalThis);
    const sleep = options.sleep ?? ((ms) => new Promise<void>((done) => setTimeout(done, ms)));

    // The time limit holds until `read` has what it wants: an answer may stop in its middle, too.
    async function once<Value>(
        method: string,
        path: string,
        body: BodyInit | null,
        request: RequestOptions,
        read: (answer: Response) => Promise<Value>,
    ): Promise<Value> {
        const limit = request.timeoutMs ?? TIMEOUT_MS;
        const ending = new AbortController();
        const timer = setTimeout(() => ending.abort(), limit);
        const leave = () => ending.abort();
        request.signal?.addEventListener("abort", leave);
        const token = options.token();
        const headers: Record<string, string> = { "Accept-Language": language(), ...request.headers };
        if (token) headers["Authorization"] = `Bearer ${token}`;
        try {
            const answer = await call(address(path, request.query), {
                method,
                body,
                headers,
                signal: ending.signal,
                cache: "no-cache",
                credentials: "omit",
            });
            if (!answer.ok) throw new ApiError(await readProblem(answer));
            return await read(answer);
        } catch (error) {
            if (error instanceof ApiError || request.signal?.aborted) throw error;
            const slow = ending.signal.aborted;
            throw new ApiError(
                problemHere(slow ? "TIMEOUT" : "NETWORK_UNREACHABLE", 0, Math.round(limit / 1000)),
            );
        } finally {
            clearTimeout(timer);
            request.signal?.removeEventListener("abort", leave);
        }
    }

    async function ask<Value>(
        method: string,
        path: string,
        body: BodyInit | null,
        request: RequestOptions,
        read: (answer: Response) => Promise<Value>,
    ): Promise<Value> {
        const tries = request.tries ?? (method === "GET" ? TRIES_OF_GET : 1);
        for (let attempt = 1; ; attempt += 1) {
            try {
                return await once(method, path, body, request, read);
            } catch (error) {
                if (!(error instanceof ApiError)) throw error;
                if (error.problem.status === 401) options.refused?.(error.problem);
                const wait = error.problem.retry_after_ms ?? PAUSE_MS * 2 ** (attempt - 1);
                if (!error.passes || attempt >= tries || wait > PAUSE_MS_MAX) throw error;
                await sleep(wait);
            }
        }
    }

    async function json<Answer>(answer: Response): Promise<Answer> {
        try {
            return (await answer.json()) as Answer;
        } catch (error) {
            if (!(error instanceof SyntaxError)) throw error; // the network's
            throw new ApiError(problemHere("ANSWER_MALFORMED", answer.status));
        }
    }

    return {
        get: async <Answer>(path: string, request: RequestOptions = {}) =>
            ask("GET", path, null, request, json<Answer>),
        send: async <Answer>(
            method: "POST" | "PUT",
            path: string,
            body: unknown,
            request: RequestOptions = {},
        ) => {
            if (body === null) return ask(method, path, null, request, json<Answer>);
            const headers = { "Content-Type": "application/json", ...request.headers };
            return ask(method, path, JSON.stringify(body), { ...request, headers }, json<Answer>);
        },
        upload: async <Answer>(path: string, file: Blob, type: string, request: RequestOptions = {}) => {
            const headers = { "Content-Type": type, ...request.headers };
            return ask("POST", path, file, { timeoutMs: 120_000, ...request, headers }, json<Answer>);
        },
        file: async (path, request = {}) => {
            const whole = { timeoutMs: 120_000, tries: 1, ...request };
            return ask("GET", path, null, whole, async (answer) => ({
                name: nameOf(answer, path),
                content: await answer.blob(),
            }));
        },
    };
}
