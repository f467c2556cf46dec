// upload.ts - choosing a file, by button or by dropping it, checked before anything is sent.
import { h, replace, setText, uniqueId } from "./dom.ts";
import { bytes, translator } from "./i18n.ts";
import english from "./messages_en.ts";
import indonesian from "./messages_id.ts";

const say = translator({ id: indonesian, en: english });

export interface UploadOptions {
    label: string;
    hint: string;
    extension: string; // ".csv"
    bytesMax: number;
    onFile: (file: File | null) => void; // null: what was chosen can't be sent
}

// Why a file can't be sent, as a sentence; null where it can.
export function fileFault(
    file: { name: string; size: number },
    extension: string,
    bytesMax: number,
): string | null {
    if (!file.name.toLowerCase().endsWith(extension)) {
        return say("upload.type", { name: file.name, type: extension.slice(1).toUpperCase() });
    }
    if (file.size === 0) return say("upload.empty", { name: file.name });
    if (file.size > bytesMax) return say("upload.too_large", { name: file.name, limit: bytes(bytesMax) });
    return null;
}

export function createUpload(options: UploadOptions): { element: HTMLElement; clear(): void } {
    const id = uniqueId("upload");
    const input = h("input", {
        id,
        type: "file",
        accept: `${options.extension},text/csv`,
        class: "visually-hidden",
    });
    const state = h("p", { class: "upload-state", role: "status" });
    const area = h(
        "div",
        { class: "upload" },
        h("p", { class: "upload-label", id: `${id}-label` }, options.label),
        h(
            "p",
            {},
            h("label", { for: id, class: "button primary upload-button" }, say("upload.choose")),
            input,
            h("span", { class: "upload-drop" }, ` ${say("upload.drop")}`),
        ),
        h("p", { class: "small muted", id: `${id}-hint` }, options.hint),
        state,
    );
    input.setAttribute("aria-describedby", `${id}-label ${id}-hint`);

    function take(file: File | undefined): void {
        if (!file) return;
        const fault = fileFault(file, options.extension, options.bytesMax);
        state.className = fault ? "upload-state tone-bad" : "upload-state";
        setText(state, fault ?? say("upload.chosen", { name: file.name, size: bytes(file.size) }));
        options.onFile(fault ? null : file);
    }

    input.addEventListener("change", () => {
        take(input.files?.[0]);
        input.value = "";
    });
    for (const name of ["dragenter", "dragover"]) {
        area.addEventListener(name, (event) => {
            event.preventDefault();
            area.classList.add("over");
        });
    }
    area.addEventListener("dragleave", () => area.classList.remove("over"));
    area.addEventListener("drop", (event) => {
        event.preventDefault();
        area.classList.remove("over");
        take(event.dataTransfer?.files[0]);
    });
    return { element: area, clear: () => replace(state) };
}
