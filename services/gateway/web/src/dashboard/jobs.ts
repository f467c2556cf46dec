// jobs.ts - long work at the gateway: waits until a job has ended, saying how far it is.
import { ApiError, type Api } from "../shared/api.ts";
import type { Job } from "./types.ts";

const WAIT_MS = 10_000;

// The result of a job that is done; the problem of one that failed, as an error.
export async function jobDone<Result>(
    api: Api,
    first: Job,
    onState: (job: Job) => void,
): Promise<{ job: Job; result: Result }> {
    let job = first;
    while (job.state === "queued" || job.state === "running") {
        onState(job);
        const options = { query: { "wait-ms": WAIT_MS }, timeoutMs: WAIT_MS + 15_000, tries: 5 };
        job = await api.get<Job>(job.links.self, options);
    }
    onState(job);
    if (job.state === "failed") {
        throw new ApiError(job.problem ?? { code: "JOB_CRASHED", status: 500, detail: "" });
    }
    return { job, result: job.result as Result };
}
