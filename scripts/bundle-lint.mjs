// Writes dist/lint/index.js once more, with all of the linter in it: its rules and parsers are some two hundred files, and
// to find, read and link them took half of what a run on one manifest takes (`bench/lint.js`). Runs after tsc, whose output
// has the same modules one by one, for tests.
import { build } from "esbuild";
import path from "node:path";

import { MODULES } from "./esbuild.mjs";

await build({
  ...MODULES,
  absWorkingDir: path.join(import.meta.dirname, ".."),
  entryPoints: ["src/lint/index.ts"],
  outfile: "dist/lint/index.js",
  allowOverwrite: true,
});
