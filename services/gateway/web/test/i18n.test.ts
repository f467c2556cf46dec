// i18n.test.ts - messages and numbers as both languages write them.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as i18n from "../src/shared/i18n.ts";
import { firstLanguage } from "../src/shared/language.ts";
import { remember } from "../src/shared/memory.ts";

test("a value is written as the language writes numbers, a word fits it", () => {
    const text = "{count} {count:row|rows}";
    assert.equal(i18n.fillMessage(text, { count: 1 }, "en"), "1 row");
    assert.equal(i18n.fillMessage(text, { count: 1234 }, "en"), "1,234 rows");
    assert.equal(i18n.fillMessage("{count} baris", { count: 1234 }, "id"), "1.234 baris");
});

test("a value that is missing stays visible instead of becoming 'undefined'", () => {
    assert.equal(i18n.fillMessage("{name}, {size}", { name: "a" }, "en"), "a, {size}");
});

test("a value that looks like a place is not filled again", () => {
    assert.equal(i18n.fillMessage("{name}", { name: "{size}", size: "x" }, "en"), "{size}");
});

test("Indonesian by default: comma for decimals, never clamped at 100", () => {
    assert.equal(i18n.percent(99.32), "99,32%");
    assert.equal(i18n.percent(100.71), "100,71%");
    assert.equal(i18n.rupiah(14_976_731_000), "Rp\u00a014.976.731.000");
    assert.equal(i18n.rupiah(-37_800), "−Rp\u00a037.800");
    assert.equal(i18n.rupiahShort(14_976_731_000), "Rp\u00a014,98\u00a0miliar");
    assert.equal(i18n.rupiahShort(999_999), "Rp\u00a0999.999");
    assert.equal(i18n.day("2026-11-22"), "22 November 2026");
    assert.equal(i18n.month("2026-08"), "Agustus 2026");
});

test("a moment is shown as the city's clocks have it, wherever the browser is", () => {
    assert.match(i18n.clock("2026-11-22T00:30:00Z"), /^07.30.00$/);
});

test("the city's day begins at its own midnight", () => {
    assert.equal(i18n.dayOnClocks(new Date("2026-11-21T16:59:59Z")), "2026-11-21");
    assert.equal(i18n.dayOnClocks(new Date("2026-11-21T17:00:00Z")), "2026-11-22");
});

test("Indonesian first: English begins where the browser speaks it, and a choice goes before both", () => {
    const speak = (language: string) =>
        Object.defineProperty(globalThis, "navigator", { value: { language }, configurable: true });
    try {
        for (const language of ["id-ID", "jv", "su-ID", "nl", "ms", "enm", ""]) {
            speak(language);
            assert.equal(firstLanguage(), "id", language);
        }
        for (const language of ["en", "en-US", "EN-GB"]) {
            speak(language);
            assert.equal(firstLanguage(), "en", language);
        }
        remember("language", "id");
        assert.equal(firstLanguage(), "id");
        speak("id-ID");
        remember("language", "en");
        assert.equal(firstLanguage(), "en");
    } finally {
        remember("language", null);
        speak("id-ID");
    }
});
