// reconciliation.ts - BPJS's list for a closed month, sent to be compared with the frozen roster.
import { download, h, replace } from "../../shared/dom.ts";
import { createUpload } from "../../shared/upload.ts";
import type { Context } from "../context.ts";
import { behind, failureBox } from "../failure.ts";
import { jobDone } from "../jobs.ts";
import type { Job, Reconciliation } from "../types.ts";
import { say } from "../words.ts";

const LIST_BYTES_MAX = 16 * 1024 * 1024;

export function reconciliationUpload(
    context: Context,
    month: () => string,
    onResult: (result: Reconciliation) => void,
): HTMLElement {
    const state = h("div", { "aria-live": "polite" });
    const fileButton = (job: Job) => {
        const button = h("button", { type: "button", class: "button" }, say("reconcile.download"));
        const save = async () => {
            const file = await context.api.file(job.links.file ?? `${job.links.self}/file`);
            download(file.name, file.content);
        };
        button.addEventListener("click", () => void behind(button, save));
        return button;
    };
    const send = async (file: File) => {
        replace(
            state,
            h("p", { class: "muted" }, say("reconcile.running")),
            h("progress", { "aria-label": say("reconcile.running") }),
        );
        try {
            const first = await context.api.upload<Job>(
                `/v1/bills/${month()}/reconciliation`,
                file,
                "text/csv",
            );
            const { job, result } = await jobDone<Reconciliation>(context.api, first, () => undefined);
            replace(state, fileButton(job));
            onResult(result);
        } catch (error) {
            replace(
                state,
                failureBox(error, () => void send(file)),
            );
        }
    };
    const upload = createUpload({
        label: say("reconcile.choose"),
        hint: say("reconcile.columns"),
        extension: ".csv",
        bytesMax: LIST_BYTES_MAX,
        onFile: (file) => file && void send(file),
    });
    return h("div", { class: "stack" }, upload.element, state);
}
