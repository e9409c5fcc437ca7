// Writes dist/lastcall/: the library that programs import, in as few files as its entries need, for each file that Node has
// to find, read and link costs a program some of its start (`bench/startup.js`). What the entries share stands in chunks, so
// that there is one of it. Runs after tsc, whose output has the types, and the same modules for the command line and tests.
import { build } from "esbuild";
import path from "node:path";

import { libraryEntries } from "./entries.mjs";
import { MODULES } from "./esbuild.mjs";
import { removeStale } from "./stale.mjs";

const root = path.join(import.meta.dirname, "..");
const folder = path.join(root, "dist", "lastcall");

const { metafile } = await build({
  ...MODULES,
  absWorkingDir: root,
  entryPoints: libraryEntries().map((name) => ({ in: `src/${name}.ts`, out: name })),
  outdir: folder,
  splitting: true,
  chunkNames: "chunk-[hash]",
  metafile: true,
});

// Those of the last build that this one has no more.
const written = new Set(Object.keys(metafile.outputs).map((file) => path.join(root, file)));
removeStale(folder, (file) => written.has(file));
