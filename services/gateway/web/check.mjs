// check.mjs - the house rules for the pages that the type checker doesn't know: both languages have the same
// messages with the same places for values, every message is used, files open with what they are for, and no
// line but a sentence is wider than the house allows.
import { readFile, readdir } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const LINE_COLUMNS_MAX = 110;
const findings = [];

async function filesBelow(folder) {
    const entries = await readdir(folder, { withFileTypes: true });
    const lists = await Promise.all(
        entries.map((entry) => {
            const path = join(folder, entry.name);
            return entry.isDirectory() ? filesBelow(path) : [path];
        }),
    );
    return lists.flat().sort();
}

async function load(path) {
    const result = await esbuild.build({ entryPoints: [path], bundle: true, write: false, format: "esm" });
    const code = Buffer.from(result.outputFiles[0].contents).toString("base64");
    return (await import(`data:text/javascript;base64,${code}`)).default;
}

// {name}, {count:one|other}: the names of the values, sorted.
function places(text) {
    return [...new Set([...text.matchAll(/\{(\w+)/g)].map((match) => match[1]))].sort().join(" ");
}

async function checkMessages(paths, sources) {
    for (const path of paths.filter((name) => name.endsWith("messages_id.ts"))) {
        const name = relative(here, path);
        const indonesian = await load(path);
        const english = await load(path.replace("_id.ts", "_en.ts"));
        for (const key of new Set([...Object.keys(indonesian), ...Object.keys(english)])) {
            const [one, other] = [indonesian[key], english[key]];
            if (one === undefined) findings.push(`${name}: lacks "${key}", which English has.`);
            else if (other === undefined) findings.push(`${name}: English lacks "${key}".`);
            else if (places(one) !== places(other))
                findings.push(`${name}: "${key}" has other values in English.`);
            checkUsed(name, key, sources);
        }
    }
}

// A key is used by its whole name, or made from a prefix: t(`role.${role}`).
function checkUsed(name, key, sources) {
    const parts = key.split(".");
    const prefixes = parts.slice(1).map((_, index) => `\`${parts.slice(0, index + 1).join(".")}.\${`);
    const used = sources.some(
        (text) => text.includes(`"${key}"`) || prefixes.some((prefix) => text.includes(prefix)),
    );
    if (!used) findings.push(`${name}: nobody uses "${key}".`);
}

function checkText(path, text) {
    const name = relative(here, path);
    if (/\.(ts|mjs|css)$/.test(path) && !/^(\/\/|\/\*) \w+(\.\w+)+ - /.test(text)) {
        findings.push(`${name}:1: doesn't say what the file is for.`);
    }
    text.split("\n").forEach((line, index) => {
        if (line.length > LINE_COLUMNS_MAX && !/\.html$|messages_(id|en)\.ts$/.test(path))
            findings.push(`${name}:${index + 1}: wider than ${LINE_COLUMNS_MAX}.`);
    });
    if (/innerHTML|outerHTML|insertAdjacentHTML|document\.write/.test(text) && path.endsWith(".ts")) {
        findings.push(`${name}: makes elements from text; use shared/dom.ts.`);
    }
}

const paths = [...(await filesBelow(join(here, "src"))), ...(await filesBelow(join(here, "test")))];
const texts = await Promise.all(paths.map((path) => readFile(path, "utf8")));
paths.forEach((path, index) => checkText(path, texts[index]));
await checkMessages(
    paths,
    texts.filter((_, index) => !/messages_(id|en)\.ts$/.test(paths[index])),
);
for (const finding of findings) console.error(finding);
console.log(
    findings.length ? `check: ${findings.length} findings.` : `check: ${paths.length} files are fine.`,
);
process.exitCode = findings.length ? 1 : 0;
