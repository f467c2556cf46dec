// build.mjs - makes the pages that the gateway serves: bundles, content-hashed names, .gz and .br beside each
// file, and index.json, from which the gateway loads everything into memory at its start.
//
//     node build.mjs --out DIR [--debug]
//
// index.json: {"version": HASH, "files": [{"path", "file", "type", "hash", "bytes", "gzip", "brotli",
// "immutable", "headers"?}]}: `path` is what the browser asks for, `file` where the bytes lie below DIR, `gzip`
// and `brotli` the names of the compressed copies (null where compression gains nothing), `immutable` whether
// the name carries the content's hash, so that it may be kept for ever.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, extname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import * as esbuild from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const source = (...parts) => join(here, "src", ...parts);

// The first view's budget, compressed: everything that the dashboard's page names in its head.
const FIRST_VIEW_BYTES_MAX = 150 * 1024;

const TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".txt": "text/plain; charset=utf-8",
};

// A page: its template, and the entries whose hashed names the template is given.
const PAGES = [
    { path: "/", folder: "dashboard", worker: null },
    { path: "/kader", folder: "kader", worker: "/kader-worker.js" },
];

function hashOf(bytes) {
    return createHash("sha256").update(bytes).digest("hex");
}

class Output {
    constructor(directory) {
        this.directory = directory;
        this.files = [];
    }

    async add(path, bytes, { immutable }) {
        const type = TYPES[extname(path) || ".html"];
        if (!type) throw new Error(`No media type is known for ${path}: add it to TYPES.`);
        const file = path === "/" ? "dashboard.html" : `${path.slice(1)}${extname(path) ? "" : ".html"}`;
        const target = join(this.directory, file);
        await mkdir(dirname(target), { recursive: true });
        await writeFile(target, bytes);
        const gzip = gzipSync(bytes, { level: 9 });
        const brotli = brotliCompressSync(bytes, {
            params: {
                [constants.BROTLI_PARAM_QUALITY]: 11,
                [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
            },
        });
        const gains = gzip.length < bytes.length * 0.95;
        if (gains) await writeFile(`${target}.gz`, gzip);
        if (gains) await writeFile(`${target}.br`, brotli);
        this.files.push({
            path,
            file,
            type,
            hash: hashOf(bytes),
            bytes: bytes.length,
            gzip: gains ? `${file}.gz` : null,
            brotli: gains ? `${file}.br` : null,
            immutable,
            compressed: gains ? gzip.length : bytes.length,
        });
    }

    // Adds a file under a name that carries its hash, and returns that name.
    async addHashed(folder, name, bytes) {
        const extension = extname(name);
        const hash = hashOf(bytes).slice(0, 12);
        const path = `/${folder}/${name.slice(0, -extension.length)}-${hash}${extension}`;
        await this.add(path, bytes, { immutable: true });
        return path;
    }
}

function settings(debug) {
    return {
        bundle: true,
        write: false,
        minify: !debug,
        sourcemap: false,
        target: ["es2022"],
        charset: "utf8",
        legalComments: "none",
        logLevel: "warning",
        loader: { ".svg": "text" },
    };
}

async function bundle(entry, format, debug, define = {}) {
    const result = await esbuild.build({
        ...settings(debug),
        entryPoints: [entry],
        format,
        define,
        outdir: "out",
    });
    const texts = {};
    for (const file of result.outputFiles) texts[extname(file.path)] = Buffer.from(file.contents);
    return texts;
}

// Files of public/ keep their names: browsers and manifests ask for them by name.
async function addPublic(output) {
    const folder = join(here, "public");
    if (!existsSync(folder)) return;
    for (const name of (await readdir(folder)).sort()) {
        await output.add(`/${name}`, await readFile(join(folder, name)), { immutable: false });
    }
}

function fill(template, names, page) {
    const html = template.replace(/\{\{(\w+)\}\}/g, (_, key) => {
        if (!names[key]) throw new Error(`${page}: the template asks for {{${key}}}, which nobody makes.`);
        return names[key];
    });
    if (/<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=|<style/.test(html)) {
        throw new Error(`${page}: inline scripts and styles are forbidden by the pages' security policy.`);
    }
    return html;
}

async function addPage(output, page, debug) {
    const entry = source(page.folder, "main.ts");
    if (!existsSync(entry)) return;
    const names = {};
    const early = await bundle(source("shared", "early.ts"), "iife", debug);
    names.early = await output.addHashed("assets", "early.js", early[".js"]);
    const main = await bundle(entry, "esm", debug);
    names.script = await output.addHashed("assets", `${page.folder}.js`, main[".js"]);
    names.style = await output.addHashed("assets", `${page.folder}.css`, main[".css"]);
    const template = await readFile(source(page.folder, "index.html"), "utf8");
    await output.add(page.path, Buffer.from(fill(template, names, page.path)), { immutable: false });
    if (page.worker && existsSync(source(page.folder, "service_worker.ts"))) {
        await addWorker(output, page, Object.values(names), debug);
    }
}

// The service worker knows the names of all that its page needs, and a version that changes with any of it.
async function addWorker(output, page, names, debug) {
    const publicNames = existsSync(join(here, "public"))
        ? (await readdir(join(here, "public"))).sort().filter((name) => name.startsWith(page.folder))
        : [];
    const paths = [page.path, ...names, ...publicNames.map((name) => `/${name}`)];
    const version = hashOf(paths.map((path) => output.files.find((f) => f.path === path).hash).join("\n"));
    const worker = await bundle(source(page.folder, "service_worker.ts"), "iife", debug, {
        PAGE_FILES: JSON.stringify(paths),
        PAGE_VERSION: JSON.stringify(version.slice(0, 16)),
    });
    await output.add(page.worker, worker[".js"], { immutable: false });
}

function dropDoubles(files) {
    return [...new Map(files.map((file) => [file.path, file])).values()].sort((a, b) =>
        a.path < b.path ? -1 : 1,
    );
}

function firstViewBytes(files) {
    return files
        .filter((file) => file.path === "/" || /^\/assets\/(early|dashboard)-/.test(file.path))
        .reduce((sum, file) => sum + file.compressed, 0);
}

async function main() {
    const { values } = parseArgs({
        options: { out: { type: "string", default: "out" }, debug: { type: "boolean", default: false } },
    });
    const directory = resolve(values.out);
    await rm(join(directory, "assets"), { recursive: true, force: true });
    const output = new Output(directory);
    await addPublic(output);
    for (const page of PAGES) await addPage(output, page, values.debug);
    const files = dropDoubles(output.files);
    const first = firstViewBytes(files);
    if (first > FIRST_VIEW_BYTES_MAX && !values.debug) {
        throw new Error(
            `The first view has ${first} compressed bytes, over its budget of ${FIRST_VIEW_BYTES_MAX}.`,
        );
    }
    const version = hashOf(files.map((file) => `${file.path} ${file.hash}`).join("\n")).slice(0, 16);
    const listed = files.map(({ compressed, ...file }) => file);
    await writeFile(
        join(directory, "index.json"),
        `${JSON.stringify({ version, files: listed }, null, 1)}\n`,
    );
    console.log(
        `${files.length} files, version ${version}; first view ${(first / 1024).toFixed(1)} KiB compressed.`,
    );
}

await main().catch((error) => {
    console.error(`build: ${error.message}`);
    process.exitCode = 1;
});
