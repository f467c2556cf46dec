// test.mjs - runs the unit tests of test/: bundles each with what it tests and hands them to node's runner.
import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

// The tests' browser speaks Indonesian, whatever node says of itself.
const NAVIGATOR = `{ value: { language: "id-ID" }, configurable: true }`;
const BROWSER = `Object.defineProperty(globalThis, "navigator", ${NAVIGATOR});`;

const here = dirname(fileURLToPath(import.meta.url));
const directory = await mkdtemp(join(tmpdir(), "cakupan-web-test-"));
try {
    const names = (await readdir(join(here, "test"))).filter((name) => name.endsWith(".test.ts")).sort();
    await esbuild.build({
        entryPoints: names.map((name) => join(here, "test", name)),
        outdir: directory,
        outExtension: { ".js": ".mjs" },
        bundle: true,
        platform: "node",
        format: "esm",
        target: "node18",
        loader: { ".css": "empty" },
        banner: { js: BROWSER },
        logLevel: "warning",
    });
    const programs = names.map((name) => join(directory, name.replace(/\.ts$/, ".mjs")));
    process.exitCode =
        spawnSync(process.execPath, ["--test", ...programs], { stdio: "inherit", cwd: here }).status ?? 1;
} finally {
    await rm(directory, { recursive: true, force: true });
}
