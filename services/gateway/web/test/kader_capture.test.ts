// kader_capture.test.ts - what is wrong with a form before any network is asked, and the event it becomes.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
    checkDraft,
    draftOf,
    makeEvent,
    warnDraft,
    type CaptureContext,
    type Draft,
    type Kind,
} from "../src/kader/capture.ts";
import { fillSentence, mayCapture, mayReport, sentenceOf, type Codes } from "../src/kader/codes.ts";
import { addDays, heardDay, parseDay, today } from "../src/kader/dates.ts";
import { babyStart, correctionStart, reportedNewborns } from "../src/kader/form_start.ts";
import type { Entry } from "../src/kader/outbox.ts";
import { perhapsTwice, surelyTwice } from "../src/kader/twice.ts";

const regions = {
    city: { code: "3671", name: "Kota Tangerang" },
    kecamatan: [{ code: "367105", name: "Cipondoh" }],
    kelurahan: [
        { code: "3671051004", name: "Gondrong", kecamatan: "367105" },
        { code: "3671051005", name: "Kenanga", kecamatan: "367105" },
    ],
};
const context: CaptureContext = {
    today: "2026-11-22",
    area: "3671051004",
    regions,
    textBytesMax: 120,
};
const good: Draft = {
    nik: "3671054107900001",
    birth_date: "1990-07-01",
    sex: "female",
    kelurahan: "3671051004",
    segment: "PBPU_PEMDA",
    local_card: true,
};

function codes(kind: Kind, draft: Draft): string[] {
    return checkDraft(kind, draft, context).map((fault) => `${fault.field} ${fault.code}`);
}

test("a good enrolment has no fault, and becomes the event of the interface", () => {
    assert.deepEqual(codes("ENROL", good), []);
    const draft = { ...good, name: "  Aminah   binti Ali ", kk: "", care_class: "3" };
    assert.deepEqual(makeEvent("ENROL", draft, "Siti", 7), {
        kind: "ENROL",
        captured_at_ms: 7,
        author: "Siti",
        nik: "3671054107900001",
        birth_date: "1990-07-01",
        sex: "female",
        kelurahan: "3671051004",
        segment: "PBPU_PEMDA",
        name: "Aminah binti Ali",
        care_class: 3,
        local_card: true,
    });
});

test("faults carry the services' codes, one a field", () => {
    assert.deepEqual(codes("ENROL", { ...good, nik: "" }), ["nik IDENTITY_MISSING"]);
    assert.deepEqual(codes("ENROL", { ...good, nik: "3671054107900000" }), ["nik NIK_SEQUENCE"]);
    assert.deepEqual(codes("ENROL", { ...good, kk: "12" }), ["kk KK_LENGTH"]);
    assert.deepEqual(codes("ENROL", { ...good, local_card: false }), ["local_card NOT_ELIGIBLE_CARD"]);
    assert.deepEqual(codes("ENROL", { ...good, segment: "BP" }), ["care_class FIELD_MISSING"]);
    assert.deepEqual(codes("ENROL", { ...good, birth_date: "1990-02-30" }), ["birth_date DATE_INVALID"]);
    assert.deepEqual(codes("ENROL", { ...good, birth_date: "2026-11-23" }), ["birth_date DATE_FUTURE"]);
    assert.deepEqual(codes("ENROL", { ...good, kelurahan: "3671051005" }), ["kelurahan REGION_OUTSIDE_AREA"]);
    assert.deepEqual(codes("ENROL", { ...good, kelurahan: "3671051099" }), ["kelurahan REGION_UNKNOWN"]);
    assert.deepEqual(codes("ENROL", { ...good, name: "é".repeat(61) }), ["name TEXT_INVALID"]);
    assert.deepEqual(codes("ENROL", { ...good, name: "a\u0007b" }), ["name TEXT_INVALID"]);
    assert.deepEqual(codes("ENROL_VULNERABLE", { ...good, segment: "", reason: "sakit" }), [
        "approver APPROVER_MISSING",
    ]);
    assert.deepEqual(codes("LAYOFF", { nik: good["nik"] as string, date: "2026-11-01" }), [
        "proof PROOF_MISSING",
    ]);
});

test("a birth needs the mother and a newborn, with or without a NIK", () => {
    const birth: Draft = {
        other_nik: "3671054107900001",
        birth_date: "2026-11-20",
        newborn_without_nik: true,
    };
    assert.deepEqual(codes("BIRTH", birth), []);
    assert.deepEqual(codes("BIRTH", { ...birth, newborn_without_nik: false }), ["nik IDENTITY_MISSING"]);
    assert.deepEqual(codes("BIRTH", { ...birth, birth_date: "2025-11-01" }), ["birth_date NEWBORN_TOO_OLD"]);
    const own: Draft = { ...birth, newborn_without_nik: false, nik: "3671054107900001" };
    assert.deepEqual(codes("BIRTH", own), ["other_nik MOTHER_UNKNOWN"]);
    assert.equal(makeEvent("BIRTH", { ...birth, nik: "12" }, "Siti", 7)["nik"], undefined);
});

test("a move within the city may end anywhere in it; a first move in says the segment", () => {
    const move: Draft = { nik: "3671054107900001", kelurahan: "3671051005" };
    assert.deepEqual(codes("MOVE_WITHIN", move), []);
    const into: Draft = { nik: "3671054107900001", kelurahan: "3671051004" };
    assert.deepEqual(codes("MOVE_IN", into), ["segment FIELD_MISSING", "birth_date FIELD_MISSING"]);
    assert.deepEqual(codes("MOVE_IN", { ...into, known_before: true }), []);
});

test("a date that differs from the NIK is a warning, no fault", () => {
    assert.equal(warnDraft(good), "");
    assert.equal(warnDraft({ ...good, birth_date: "1991-07-01" }), "NIK_BIRTH_DIFFERS");
    assert.equal(warnDraft({ ...good, sex: "male" }), "NIK_BIRTH_DIFFERS");
    assert.deepEqual(codes("ENROL", { ...good, birth_date: "1991-07-01" }), []);
});

test("a refused event comes back as the form it was", () => {
    const event = makeEvent("ENROL", { ...good, care_class: "3" }, "Siti", 7);
    assert.deepEqual(makeEvent("ENROL", draftOf(event), "Siti", 7), event);
    const born = { kind: "BIRTH", captured_at_ms: 1, author: "a", temporary_id: "21474836497" };
    assert.equal(draftOf(born)["newborn_without_nik"], true);
});

test("sentences are filled as the services fill them", () => {
    assert.equal(fillSentence("NIK[ {}] salah.", "3671**********01"), "NIK 3671**********01 salah.");
    assert.equal(fillSentence("NIK[ {}] salah[ ({})].", ""), "NIK salah.");
    assert.equal(fillSentence("A[ {}].", "$1 {}"), "A $1 {}.");
    const row = {
        number: 40,
        code: "NIK_LENGTH",
        field: "nik",
        warning: false,
        id: "Salah[: {}].",
        en: "Bad.",
    };
    const table = { codes: [row], kinds: [], limits: { text_bytes: 120, events_a_batch: 1 } };
    assert.equal(sentenceOf(table, "NIK_LENGTH", "7", "id"), "Salah: 7.");
    assert.equal(sentenceOf(table, "NEWER_CODE", "7", "en"), "");
});

function birth(more: Partial<Entry>, fields: Record<string, string> = {}): Entry {
    const event = { kind: "BIRTH", captured_at_ms: 1, author: "Siti", birth_date: "2026-11-20", ...fields };
    const whole = { id: 7, device: 5, sequence: 7, state: "waiting" as const, kind: "BIRTH", event };
    const none = { outcome: null, answered_at_ms: null, corrects: null, closed_by: null };
    return { ...whole, ...none, name: "Bayi", number: "T-5-7", captured_at_ms: 1, ...more };
}

test("only what is refused and open is corrected, so that no old form makes a second child", () => {
    const refused = birth({ state: "refused" }, { temporary_id: "21474836487" });
    assert.equal(correctionStart(refused)?.corrects, 7);
    assert.equal(correctionStart({ ...refused, closed_by: 9 }), null, "corrected");
    assert.equal(correctionStart({ ...refused, closed_by: 7 }), null, "put aside");
    for (const state of ["waiting", "accepted", "forwarded"] as const)
        assert.equal(correctionStart({ ...refused, state }), null, state);
    assert.equal(correctionStart(null), null);
});

test("a newborn's NIK is reported once, when the city has the newborn", () => {
    const born = birth({ state: "accepted" }, { temporary_id: "21474836487" });
    assert.equal(babyStart(born, reportedNewborns([born]))?.temporary, "21474836487");
    const report = { ...born, id: 8, kind: "CORRECT_IDENTITY", state: "waiting" as const };
    assert.equal(babyStart(born, reportedNewborns([report, born])), null);
    assert.ok(
        babyStart(born, reportedNewborns([{ ...report, state: "refused" }, born])),
        "what was refused is said again",
    );
    assert.equal(babyStart({ ...born, state: "waiting" }, new Set()), null);
    assert.equal(babyStart(birth({ state: "accepted" }, { nik: "3671054107900001" }), new Set()), null);
});

test("a second newborn of the same mother and day is asked about, a second NIK is not", () => {
    const [mother, nik] = ["3671054107900001", "3671052011260001"];
    const before = birth({}, { other_nik: mother });
    const again = { other_nik: mother, birth_date: "2026-11-20" };
    assert.equal(perhapsTwice([before], "BIRTH", again, null), before);
    assert.equal(
        perhapsTwice([before], "BIRTH", { ...again, nik }, null),
        before,
        "its NIK has come meanwhile",
    );
    assert.equal(
        perhapsTwice([birth({}, { other_nik: mother, nik })], "BIRTH", { ...again, nik: "x" }, null),
        null,
    );
    assert.equal(perhapsTwice([{ ...before, state: "refused" }], "BIRTH", again, null), null);
    assert.equal(perhapsTwice([before], "BIRTH", { ...again, birth_date: "2026-11-19" }, null), null);
    assert.equal(perhapsTwice([before], "BIRTH", { ...again, other_nik: nik }, null), null);
    const corrected = birth({ corrects: 3 }, { other_nik: mother });
    assert.equal(perhapsTwice([corrected], "BIRTH", again, 3), null, "the store refuses it");
    assert.equal(perhapsTwice([corrected], "BIRTH", again, 4), corrected);
    assert.equal(surelyTwice([birth({}, { nik })], "BIRTH", { nik })?.id, 7);
    assert.equal(surelyTwice([birth({ state: "refused" }, { nik })], "BIRTH", { nik }), null);
});

test("the phone's clock is wrong only if it was so when the city spoke", () => {
    assert.deepEqual(heardDay("2026-11-22", "2026-11-22", "2026-11-23"), {
        city: "2026-11-22",
        phone: "2026-11-22",
    });
    assert.equal(heardDay("2026-11-23", "2026-11-22", "2026-11-23").phone, "2026-11-23");
    assert.equal(heardDay("2026-11-22", "2026-11-24", "2026-11-24").phone, "2026-11-24");
});

test("days are the city's, whatever the phone's zone", () => {
    assert.equal(today(Date.parse("2026-11-22T16:59:59Z")), "2026-11-22");
    assert.equal(today(Date.parse("2026-11-22T17:00:00Z")), "2026-11-23");
    assert.equal(addDays("2026-03-01", -1), "2026-02-28");
    assert.equal(parseDay("2024-02-29")?.day, 29);
    for (const bad of ["2023-02-29", "1899-12-31", "2079-06-06", "2026-13-01", "2026-1-1", ""])
        assert.equal(parseDay(bad), null, bad);
});

test("a layoff is a report of who may not send it, and carries no name", () => {
    const layoff = { kind: "LAYOFF", needed: ["nik"], optional: [], roles: ["labour-office"] };
    const codes: Codes = {
        codes: [],
        kinds: [{ ...layoff, reporters: ["kader"] }],
        limits: { text_bytes: 120, events_a_batch: 100 },
    };
    assert.ok(mayReport(codes, "LAYOFF", "kader") && !mayCapture(codes, "LAYOFF", "kader"));
    assert.ok(!mayReport(codes, "LAYOFF", "labour-office") && !mayReport(codes, "DEATH", "kader"));
    assert.ok(!mayReport({ ...codes, kinds: [layoff] }, "LAYOFF", "kader"), "services of before");
    const seen = { nik: "3671054107900001", name: "Aminah", date: "2026-11-20", reason: "pabrik tutup" };
    assert.deepEqual(makeEvent("LAYOFF", seen, "Siti", 7), {
        kind: "LAYOFF",
        captured_at_ms: 7,
        author: "Siti",
        nik: "3671054107900001",
        date: "2026-11-20",
        reason: "pabrik tutup",
    });
});
