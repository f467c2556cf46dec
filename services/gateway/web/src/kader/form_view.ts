// form_view.ts - one form for every kind of change: fields that are checked as they are typed, a save that
// is on the phone's disk before the form says so, and for families the next member at once.
import { confirm } from "../shared/dialog.ts";
import { h, replace, setText } from "../shared/dom.ts";
import { day, language } from "../shared/i18n.ts";
import { toast } from "../shared/live.ts";
import type { App, Screen } from "./app.ts";
import { checkDraft, makeEvent, warnDraft, type CaptureContext, type Draft, type Fault } from "./capture.ts";
import { mayReport, sentenceOf } from "./codes.ts";
import { today } from "./dates.ts";
import type { Field } from "./fields.ts";
import { isShown, labelOf, makeField, REPORT_FIELDS, PLANS, type FormPlan } from "./form_fields.ts";
import type { FormStart } from "./form_start.ts";
import {
    identityMask,
    kkCheckTyped,
    nikBirthDate,
    nikCheck,
    nikCheckTyped,
    nikPerson,
    temporaryName,
} from "./identity.ts";
import { mayLook, openLookUp } from "./look_up.ts";
import type { Entry } from "./outbox.ts";
import { placeName } from "./regions.ts";
import { CorrectionClosed } from "./store.ts";
import { perhapsTwice, surelyTwice } from "./twice.ts";
import { say } from "./words.ts";

const IDENTITIES = ["nik", "other_nik"];
const KEPT_FOR_NEXT = new Set(["kelurahan", "segment", "care_class", "local_card"]);

// The kelurahan of the last household is likely to be the next one's as well.
let lastKelurahan = "";

class Form {
    readonly fields = new Map<string, Field>();
    private readonly saved: string[] = [];
    private readonly touched = new Set<string>(); // judged already: judged again with every change
    private readonly typedIn = new Set<string>();
    private readonly plan: FormPlan;
    private readonly report: boolean; // the device may not send this kind: kept for the office that may
    private readonly savedList = h("ul", { class: "saved-list" });
    private readonly savedBox = h("section", { class: "panel saved", hidden: true });
    private readonly familyBox = h("div", { class: "stack" });
    private readonly familySummary = h("div", { class: "family-summary", hidden: true });
    private readonly personTitle = h("h2", { class: "form-part" });
    private readonly warning = h("p", { class: "warning", "aria-live": "polite" });
    private readonly summary = h("p", { class: "faults-summary", role: "alert" });
    private changed = false;
    private saving = false;
    private ended = false; // saved: a second tap while the next screen comes saves nothing
    readonly element: HTMLFormElement;
    readonly actions: HTMLElement;
    readonly saveButton: HTMLButtonElement;

    constructor(
        private readonly app: App,
        private readonly start: FormStart,
        private readonly onEnd: () => void,
    ) {
        this.report = mayReport(app.codes, start.kind, app.device?.role ?? "");
        this.plan = this.report ? { family: [], person: REPORT_FIELDS } : PLANS[start.kind];
        this.saveButton = h("button", { type: "submit", class: "button primary", form: "capture" });
        setText(this.saveButton, this.saveLabel());
        this.element = this.build();
        this.actions = this.buildActions();
        this.showShown();
    }

    private saveLabel(): string {
        if (this.start.corrects !== null) return say("save.correction");
        return this.isFamily() ? say("save.next") : say("save");
    }

    // As the fields stand on the screen.
    private order(): string[] {
        const { family, person } = this.plan;
        return family.includes("kk") && this.isFamily() ? [...family, ...person] : [...person, ...family];
    }

    // Several people of one household, one after the other.
    private isFamily(): boolean {
        return this.plan.family.length > 0 && this.start.corrects === null;
    }

    private build(): HTMLFormElement {
        const { kind, draft } = this.start;
        const first = kind === "MOVE_WITHIN" ? draft : { kelurahan: lastKelurahan, ...draft };
        for (const name of [...this.plan.family, ...this.plan.person]) this.addField(name, first);
        const family = this.plan.family.map((name) => this.field(name).element);
        const person = this.plan.person.flatMap((name) => this.personElements(name));
        replace(this.familyBox, ...family);
        replace(this.savedBox, h("h2", { class: "form-part" }, say("form.saved.list")), this.savedList);
        const parts = this.isFamily() && this.plan.family.includes("kk");
        if (parts) setText(this.personTitle, say("form.person"));
        const form = h(
            "form",
            { id: "capture", class: "stack capture", novalidate: true, autocomplete: "off" },
            this.report ? h("p", { class: "notice" }, say("layoff.report.lead")) : null,
            this.temporaryLine(),
            this.summary,
            parts ? h("h2", { class: "form-part" }, say("form.family")) : null,
            ...(parts ? [] : person),
            this.familySummary,
            this.familyBox,
            ...(parts ? [this.personTitle, ...person] : []),
            this.warning,
            this.savedBox,
            h("p", { class: "small muted" }, say("form.author", { name: this.app.device?.author ?? "" })),
        );
        form.dataset["kind"] = kind;
        form.addEventListener("submit", (event) => {
            event.preventDefault();
            void this.save();
        });
        return form;
    }

    private temporaryLine(): HTMLElement | null {
        const id = this.start.temporary;
        return id ? h("p", { class: "notice" }, temporaryName(id)) : null;
    }

    private buildActions(): HTMLElement {
        const leave = h("button", { type: "button", class: "button" }, say("done"));
        leave.addEventListener("click", () => void this.leave());
        return h("div", { class: "bottom-actions" }, leave, this.saveButton);
    }

    private field(name: string): Field {
        const field = this.fields.get(name);
        if (!field) throw new Error(`The form has no field "${name}".`);
        return field;
    }

    private addField(name: string, first: Draft): void {
        const field = makeField(this.app, this.start.kind, name, first);
        const value = first[name];
        if (value !== undefined && value !== "") field.write(value);
        this.fields.set(name, field);
        field.element.addEventListener("input", () => this.typed(name));
        field.element.addEventListener("change", () => this.typed(name));
        field.element.addEventListener("focusout", (event) => {
            const next = (event as FocusEvent).relatedTarget;
            if (!(next instanceof Node && field.element.contains(next))) this.left(name);
        });
        if (value === undefined) return;
        this.hintNumber(name);
        if (!this.isFamily()) this.typedIn.add(name); // what is corrected was typed once
    }

    private personElements(name: string): HTMLElement[] {
        const { element } = this.field(name);
        if (!IDENTITIES.includes(name) || !mayLook(this.app)) return [element];
        const button = h("button", { type: "button", class: "button look" }, say("look.button"));
        button.addEventListener("click", () => {
            const nik = String(this.field(name).read());
            const code = nikCheck(nik);
            if (code) this.showFault({ field: name, code, value: "" }, true);
            else openLookUp(this.app, nik);
        });
        element.append(button);
        return [element];
    }

    draft(): Draft {
        const all: Draft = {};
        for (const [name, field] of this.fields) all[name] = field.read();
        const shown: Draft = {};
        for (const [name, value] of Object.entries(all)) if (isShown(name, all)) shown[name] = value;
        return shown;
    }

    private showShown(): void {
        const draft = this.draft();
        for (const [name, field] of this.fields) field.show(isShown(name, draft));
    }

    private typed(name: string): void {
        this.changed = true;
        this.typedIn.add(name);
        this.checkTyped(name);
        this.showShown();
        this.warn();
        // An error that was shown goes as soon as it is mended.
        if (this.touched.has(name)) this.recheck(name, false);
        if (this.summary.textContent) this.summarize(this.faults());
    }

    private summarize(faults: Fault[]): void {
        setText(this.summary, faults.length ? say("form.faults", { count: faults.length }) : "");
    }

    private left(name: string): void {
        if (!this.changed || this.field(name).read() === "") return;
        this.touched.add(name);
        this.recheck(name, false);
    }

    // Digits are judged while they come: the city's first six, the date's six, the whole.
    private checkTyped(name: string): void {
        if (name !== "kk" && !IDENTITIES.includes(name)) return;
        const digits = String(this.field(name).read());
        const code = name === "kk" ? kkCheckTyped(digits) : nikCheckTyped(digits);
        this.field(name).fault(code ? this.sentence({ field: name, code, value: "" }) : "");
        this.hintNumber(name);
        if (name === "nik" && !code && digits.length === 16) this.fillFromNik(digits);
    }

    private hintNumber(name: string): void {
        if (name !== "kk" && !IDENTITIES.includes(name)) return;
        const field = this.field(name);
        const digits = String(field.read());
        const code = name === "kk" ? kkCheckTyped(digits) : nikCheckTyped(digits);
        if (code || digits.length < 16) return field.hint(say("nik.digits", { count: digits.length }));
        if (name === "kk") return field.hint(say("kk.fine"), true);
        const date = nikBirthDate(digits, today());
        const sex = say(`sex.${nikPerson(digits).sex}`);
        field.hint(date ? say("nik.fine", { sex, date: day(date) }) : sex, true);
    }

    // The NIK knows birth date and sex: filled in where nothing was typed, to be compared with the card.
    private fillFromNik(nik: string): void {
        const take = (name: string, value: string) => {
            const field = this.fields.get(name);
            if (!field || !value || this.typedIn.has(name)) return;
            field.write(value);
            this.recheck(name, false);
        };
        if (this.start.kind !== "BIRTH") take("birth_date", nikBirthDate(nik, today()));
        take("sex", nikPerson(nik).sex);
    }

    private context(): CaptureContext {
        return {
            today: today(),
            area: this.app.device?.area ?? "",
            regions: this.app.regions,
            textBytesMax: this.app.codes?.limits.text_bytes ?? 120,
        };
    }

    // A report needs the person and the day; proof and rules are the labour office's.
    private faults(): Fault[] {
        const all = checkDraft(this.start.kind, this.draft(), this.context());
        return this.report ? all.filter((fault) => REPORT_FIELDS.includes(fault.field)) : all;
    }

    private sentence(fault: Fault): string {
        const named = fault.code === "FIELD_MISSING" || fault.code === "TEXT_INVALID";
        let value = named ? labelOf(this.start.kind, fault.field) : fault.value;
        if (fault.code.startsWith("DATE_") && value) value = day(value, "short");
        if (fault.code.startsWith("REGION_") && value) value = placeName(this.app.regions, value);
        return sentenceOf(this.app.codes, fault.code, value, language()) || fault.code;
    }

    private showFault(fault: Fault, focus: boolean): void {
        const field = this.fields.get(fault.field);
        field?.fault(this.sentence(fault));
        if (field && this.plan.family.includes(fault.field)) this.openFamily();
        if (focus) field?.focus();
    }

    private recheck(name: string, missingToo: boolean): void {
        const fault = this.faults().find((one) => one.field === name);
        const missing = fault?.code.endsWith("_MISSING") ?? false;
        if (fault && (missingToo || !missing)) this.showFault(fault, false);
        else if (!fault) this.field(name).fault("");
    }

    private warn(): void {
        const code = this.report ? "" : warnDraft(this.draft());
        const full = this.fields.has("birth_date") && code !== "";
        const text = full ? sentenceOf(this.app.codes, code, "", language()) : "";
        setText(this.warning, text.replace(/^[^,]*, (tetapi|but) /, ""));
    }

    private showFaults(faults: Fault[]): void {
        for (const field of this.fields.values()) field.fault("");
        for (const fault of faults) {
            this.touched.add(fault.field);
            this.showFault(fault, false);
        }
        const order = this.order();
        const first = order.find((name) => faults.some((fault) => fault.field === name));
        this.summarize(faults);
        if (first) this.field(first).focus();
    }

    async save(): Promise<boolean> {
        if (this.saving || this.ended) return false;
        const faults = this.faults();
        this.showFaults(faults);
        if (faults.length) return false;
        this.saving = true;
        this.saveButton.disabled = true;
        try {
            if (await this.isTwice()) return false;
            const name = await this.store();
            this.afterSave(name);
            return true;
        } catch (error) {
            setText(this.summary, say(error instanceof CorrectionClosed ? "form.closed" : "form.full"));
            this.summary.scrollIntoView({ block: "center" });
            return false;
        } finally {
            this.saving = false;
            this.saveButton.disabled = false;
        }
    }

    private async isTwice(): Promise<boolean> {
        const [draft, all] = [this.draft(), await this.app.store.list()];
        const before = surelyTwice(all, this.start.kind, draft);
        if (before) {
            this.field("nik").fault(say("form.twice", { state: say(`state.${before.state}`) }));
            this.field("nik").focus();
            return true;
        }
        const sibling = perhapsTwice(all, this.start.kind, draft, this.start.corrects);
        return sibling !== null && !(await this.isTwin(sibling));
    }

    private isTwin(sibling: Entry): Promise<boolean> {
        const state = say(`state.${sibling.state}`);
        return confirm({
            title: say("form.twin.title"),
            text: [h("p", {}, say("form.twin", { name: sibling.name || say("form.nobody"), state }))],
            yes: say("form.twin.yes"),
        });
    }

    // On the disk when this resolves; only then does the form say so.
    private async store(): Promise<string> {
        const { kind, corrects, temporary } = this.start;
        const draft = this.draft();
        const name = String(draft["name"] ?? "");
        const event = makeEvent(kind, draft, this.app.device?.author ?? "", Date.now());
        if (temporary) event["temporary_id"] = temporary;
        const shown = String(event["nik"] ?? event["other_nik"] ?? "");
        const without = kind === "BIRTH" && draft["newborn_without_nik"] === true;
        await this.app.store.queue([
            { event, name, number: identityMask(shown), temporary: without, corrects },
        ]);
        this.app.sync.wake();
        return name || identityMask(shown);
    }

    private afterSave(name: string): void {
        this.changed = false;
        lastKelurahan = String(this.draft()["kelurahan"] ?? lastKelurahan);
        if (this.report) toast(say("layoff.report.saved"), "good");
        else if (!this.isFamily()) {
            const key = this.start.corrects === null ? "form.saved" : "form.saved.correction";
            toast(say(key, { name: name || say("form.nobody") }), "good");
        }
        if (!this.isFamily()) {
            this.ended = true;
            return this.onEnd();
        }
        this.saved.unshift(name);
        this.showSaved();
        this.nextPerson();
    }

    private showSaved(): void {
        this.savedBox.hidden = false;
        const item = (name: string) => h("li", {}, h("span", { "aria-hidden": "true" }, "✓ "), name);
        replace(this.savedList, ...this.saved.map(item));
        if (this.plan.family.includes("kk"))
            setText(this.personTitle, say("form.person.number", { count: this.saved.length + 1 }));
        this.closeFamily();
    }

    // The household is settled: one line instead of its fields.
    private closeFamily(): void {
        const draft = this.draft();
        const kk = String(draft["kk"] ?? "");
        const place = draft["kelurahan"] ? placeName(this.app.regions, String(draft["kelurahan"])) : "";
        const text = [kk ? `KK ${identityMask(kk)}` : "", place].filter(Boolean).join(" · ");
        const change = h("button", { type: "button", class: "button quick" }, say("change"));
        change.addEventListener("click", () => this.openFamily());
        replace(this.familySummary, h("p", {}, text || say("form.family")), change);
        this.familySummary.hidden = false;
        this.familyBox.hidden = true;
    }

    private openFamily(): void {
        this.familySummary.hidden = true;
        this.familyBox.hidden = false;
    }

    private nextPerson(): void {
        for (const name of this.plan.person) {
            const field = this.field(name);
            if (field.locked()) continue;
            const tick = typeof field.read() === "boolean";
            if (!KEPT_FOR_NEXT.has(name)) field.write(tick ? false : "");
            field.fault("");
            this.touched.delete(name);
            this.typedIn.delete(name);
            this.hintNumber(name);
        }
        setText(this.warning, "");
        this.showShown();
        this.field("nik").focus();
        this.personTitle.scrollIntoView({ block: "start" });
        toast(say("form.saved", { name: this.saved[0] ?? "" }), "good");
    }

    dirty(): boolean {
        return this.changed;
    }

    private async leave(): Promise<void> {
        if (this.changed && !(await this.mayLeave())) return;
        this.changed = false;
        this.onEnd();
    }

    private mayLeave(): Promise<boolean> {
        return confirm({
            title: say("form.leave.title"),
            text: [h("p", {}, say("form.leave"))],
            yes: say("form.leave.yes"),
        });
    }

    focusFirst(): void {
        const first = this.order()
            .map((name) => this.field(name))
            .find((field) => !field.locked() && !field.element.hidden);
        first?.focus();
    }
}

export function formScreen(app: App, start: FormStart, onEnd: () => void): Screen {
    const form = new Form(app, start, onEnd);
    queueMicrotask(() => form.focusFirst());
    return {
        title: say(`kind.${start.kind}`),
        body: form.element,
        actions: form.actions,
        dirty: () => form.dirty(),
    };
}
