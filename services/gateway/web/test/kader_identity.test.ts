// kader_identity.test.ts - holds the kader app's checks to tests/vectors/identity.csv, as the services are
// held.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
    identityMask,
    kkCheck,
    kkCheckTyped,
    nikAgrees,
    nikBirthDate,
    nikCheck,
    nikCheckTyped,
    temporaryId,
    temporaryName,
    type Sex,
} from "../src/kader/identity.ts";

// Tests are run from services/gateway/web.
const TABLE = join(process.cwd(), "../../../tests/vectors/identity.csv");
const rows = readFileSync(TABLE, "utf8")
    .split("\n")
    .filter((line) => line && !line.startsWith("#"))
    .map((line) => line.split(",") as [string, string, string, string, string]);

test("the app keeps the table that the services keep", () => {
    assert.ok(rows.length > 50);
    for (const [rule, number, birthDate, sex, expected] of rows) {
        const row = `${rule} ${number} ${birthDate} ${sex}`;
        if (rule === "agrees")
            assert.equal(nikAgrees(number, birthDate, sex as Sex | "") ? "yes" : "no", expected, row);
        else assert.equal(rule === "kk" ? kkCheck(number) : nikCheck(number), expected, row);
    }
});

test("what is typed is refused early, but never a beginning that can become right", () => {
    for (const [rule, number, , , expected] of rows) {
        if (rule === "agrees" || !/^[0-9]+$/.test(number)) continue;
        const typed = rule === "kk" ? kkCheckTyped : nikCheckTyped;
        for (let size = 0; size <= number.length; size += 1) {
            const code = typed(number.slice(0, size));
            if (expected === "") assert.equal(code, "", `${rule} ${number.slice(0, size)}`);
            else if (code) assert.equal(code, expected, `${rule} ${number.slice(0, size)}`);
        }
        if (number.length === 16) assert.equal(typed(number), expected);
    }
    assert.equal(nikCheckTyped("367100"), "NIK_REGION");
    assert.equal(nikCheckTyped("367105319912"), "NIK_DATE");
});

test("a birth date is guessed in the century that is possible", () => {
    assert.equal(nikBirthDate("3671054107900001", "2026-11-22"), "1990-07-01");
    assert.equal(nikBirthDate("3671050101200001", "2026-11-22"), "2020-01-01");
    assert.equal(nikBirthDate("3671052311260001", "2026-11-22"), "1926-11-23");
    assert.equal(nikBirthDate("3671052902000001", "2026-11-22"), "2000-02-29");
});

test("a masked number shows its ends only; a temporary one is no secret", () => {
    assert.equal(identityMask("3671054107900001"), "3671**********01");
    assert.equal(identityMask("36710541079"), "***********");
    assert.equal(identityMask(""), "-");
    assert.equal(temporaryId(5, 17), "21474836497");
    assert.equal(temporaryName("21474836497"), "T-5-17");
    assert.equal(temporaryName(temporaryId(2 ** 31 - 1, 2 ** 32 - 1)), "T-2147483647-4294967295");
});
