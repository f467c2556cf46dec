// layoff_upload.ts - the labour office's list: chosen, checked row by row without sending anything, looked
// at, sent. Sending the same file again changes nothing.
import { download, h, replace } from "../../shared/dom.ts";
import { language, number } from "../../shared/i18n.ts";
import { toast } from "../../shared/live.ts";
import { createTable } from "../../shared/table.ts";
import { createUpload } from "../../shared/upload.ts";
import type { Context } from "../context.ts";
import { behind, failureBox } from "../failure.ts";
import { jobDone } from "../jobs.ts";
import type { Job, LayoffResult, LayoffRow } from "../types.ts";
import { say } from "../words.ts";

const LIST_BYTES_MAX = 16 * 1024 * 1024;
const EXAMPLE = "nik,employer,date,proof,dispute\n3671050205880002,777,2026-11-22,agreement,no\n";

export function layoffUpload(context: Context): HTMLElement {
    const { api } = context;
    const outcome = h("div", { class: "stack", "aria-live": "polite" });
    let turn = 0;

    async function send(file: File, dryRun: boolean): Promise<{ job: Job; result: LayoffResult }> {
        const query = { "dry-run": dryRun, language: language() };
        const first = await api.upload<Job>("/v1/layoffs", file, "text/csv", { query });
        return jobDone<LayoffResult>(api, first, (job) => showProgress(job, dryRun));
    }

    function showProgress(job: Job, dryRun: boolean): void {
        if (job.state === "done" || job.state === "failed") return;
        const waiting = job.state === "queued" && (job.queue_position ?? 0) > 1;
        const text = waiting
            ? say("job.queued", { count: job.queue_position ?? 0 })
            : say(dryRun ? "layoff.checking" : "layoff.sending");
        replace(outcome, h("p", { class: "muted" }, text), h("progress", { "aria-label": text }));
    }

    async function preview(file: File): Promise<void> {
        const own = (turn += 1);
        replace(outcome, h("p", { class: "muted" }, say("layoff.checking")));
        try {
            const { job, result } = await send(file, true);
            if (own === turn) showPreview(file, job, result);
        } catch (error) {
            if (own === turn)
                replace(
                    outcome,
                    failureBox(error, () => void preview(file)),
                );
        }
    }

    function showPreview(file: File, job: Job, result: LayoffResult): void {
        const sendable = result.laid_off;
        const button = h(
            "button",
            { type: "button", class: "button primary" },
            say("layoff.send", { count: sendable }),
        );
        button.disabled = sendable === 0;
        button.addEventListener(
            "click",
            () =>
                void behind(button, async () => {
                    const sent = await send(file, false);
                    showSent(sent.job, sent.result);
                }),
        );
        replace(
            outcome,
            h("h3", {}, say("layoff.preview")),
            h("p", { class: "muted" }, say("layoff.nothing_sent")),
            counts(result, true),
            refused(job, result),
            h("div", { class: "actions" }, button),
        );
    }

    function showSent(job: Job, result: LayoffResult): void {
        upload.clear();
        toast(say("layoff.done", { count: result.laid_off }), result.refused ? "warning" : "good");
        replace(outcome, h("h3", {}, say("layoff.sent")), counts(result, false), refused(job, result));
    }

    function counts(result: LayoffResult, ahead: boolean): HTMLElement {
        const item = (name: string, value: number, tone = "") =>
            h("div", {}, h("dt", {}, name), h("dd", { class: tone }, number(value)));
        return h(
            "dl",
            { class: "pairs tiles" },
            item(say("layoff.rows"), result.rows_total),
            item(say(ahead ? "layoff.will" : "layoff.laid_off"), result.laid_off, "tone-good-text"),
            item(say("layoff.unchanged"), result.unchanged),
            item(say("layoff.refused"), result.refused, result.refused ? "tone-bad-text" : ""),
        );
    }

    function refused(job: Job, result: LayoffResult): HTMLElement | null {
        if (!result.refused) return null;
        const table = createTable<LayoffRow>({
            caption: say("layoff.refused_rows"),
            columns: [
                { key: "line", title: say("column.line"), numeric: true, value: (row) => row.line },
                { key: "nik", title: say("column.nik"), heading: true, value: (row) => row.nik },
                { key: "sentence", title: say("column.why"), value: (row) => row.sentence },
                { key: "code", title: say("column.code"), value: (row) => row.code },
            ],
            rowKey: (row) => String(row.line),
            sort: { key: "line" },
            empty: "",
        });
        table.update(result.rows.filter((row) => row.outcome === "refused"));
        const button = h("button", { type: "button", class: "button" }, say("layoff.download"));
        button.addEventListener(
            "click",
            () =>
                void behind(button, async () => {
                    const file = await api.file(job.links.file ?? `${job.links.self}/file`);
                    download(file.name, file.content);
                }),
        );
        return h("div", { class: "stack" }, table.element, h("div", { class: "actions" }, button));
    }

    const upload = createUpload({
        label: say("layoff.choose"),
        hint: say("layoff.columns"),
        extension: ".csv",
        bytesMax: LIST_BYTES_MAX,
        onFile: (file) => {
            turn += 1;
            if (file) void preview(file);
            else replace(outcome);
        },
    });
    const example = h("button", { type: "button", class: "link" }, say("layoff.example"));
    example.addEventListener("click", () => download("phk.csv", new Blob([EXAMPLE], { type: "text/csv" })));
    return h("div", { class: "stack" }, upload.element, h("p", {}, example), outcome);
}
