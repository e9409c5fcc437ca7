// Writes dist/cjs/: what the package's exports lead to, as CommonJS, with its types. Node has been able to require() an ES
// module since 20.19, but Jest and TypeScript's older ways to resolve cannot. Of the library it is what was bundled, file by
// file; of the rest the modules. Runs after both: what reaches what is read from their output.
import { transform } from "esbuild";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { entries, libraryEntries } from "./entries.mjs";
import { removeStale } from "./stale.mjs";

const root = path.join(import.meta.dirname, "..");
const dist = path.join(root, "dist");

/** The files below dist/ that these import, themselves among them. */
function reach(files) {
  const reached = new Set();
  const visit = (file) => {
    if (reached.has(file)) return;
    reached.add(file);
    const suffix = file.endsWith(".d.ts") ? ".d.ts" : ".js";
    const text = readFileSync(path.join(dist, file), "utf8");
    for (const [, specifier] of text.matchAll(/["'](\.\.?\/[^"']+)\.js["']/g)) {
      const target = path.join(path.dirname(file), specifier) + suffix;
      if (isModule(target)) visit(target);
    }
  };
  for (const file of files) visit(file);
  return [...reached];
}

/** Programs of the prover's processes are started from where they are: they are no one's to require. */
const isModule = (file) => !/^prove[\\/]load[\\/]main\./.test(file) && !/preload\./.test(file);

/**
 * What stands for `import.meta` is that of the ES module: files beside it are found, and both are in one
 * folder, by which lastcall knows its own frames in a stack.
 */
function bannerFor(file) {
  const up = path.posix.relative(path.posix.dirname(`cjs/${file}`), file);
  return `"use strict"; const moduleFile = require("node:path").join(__dirname, ${JSON.stringify(up)});`;
}

const DEFINE = {
  "import.meta.filename": "moduleFile",
  "import.meta.dirname": "moduleFolder",
  "import.meta.url": "moduleUrl",
};
const MEANS = {
  moduleFolder: `const moduleFolder = require("node:path").dirname(moduleFile);`,
  moduleUrl: `const moduleUrl = require("node:url").pathToFileURL(moduleFile).href;`,
};

/** Writes a file below dist/ as CommonJS; `source`: what it is made of. */
async function writeModule(file, source = path.join(dist, file)) {
  const text = readFileSync(source, "utf8");
  const needed = Object.entries(MEANS).filter(([name]) => {
    return Object.entries(DEFINE).some(([meta, stands]) => stands === name && text.includes(meta));
  });
  const isNeeded = text.includes("import.meta.");
  const { code } = await transform(text, {
    loader: source.endsWith(".ts") ? "ts" : "js",
    format: "cjs",
    platform: "node",
    target: "node20.19",
    // Jest cannot import() from CommonJS; what is loaded late is loaded by require().
    supported: { "dynamic-import": false },
    define: DEFINE,
    banner: isNeeded
      ? [bannerFor(file), ...needed.map(([, line]) => line)].join(" ")
      : '"use strict";',
    sourcefile: source,
  });
  write(file, code.replace(/\/\/# sourceMappingURL=.*\n?$/, ""));
}

function writeTypes(file) {
  const text = readFileSync(path.join(dist, file), "utf8");
  write(file, text.replace(/\/\/# sourceMappingURL=.*\n?$/, ""));
}

const written = new Set();

function write(name, text) {
  const file = path.join(dist, "cjs", name);
  written.add(file);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}

const library = libraryEntries();
const others = entries().filter((name) => !library.includes(name));

write("package.json", '{ "type": "commonjs" }\n');
await Promise.all(
  reach(library.map((name) => `lastcall/${name}.js`)).map((file) => writeModule(file)),
);
await Promise.all(
  reach(others.map((name) => `${name}.js`)).map((file) =>
    writeModule(file, path.join(root, "src", file.replace(/\.js$/, ".ts"))),
  ),
);
for (const file of reach(entries().map((name) => `${name}.d.ts`))) writeTypes(file);

// Those of the last build that this one has no more.
removeStale(path.join(dist, "cjs"), (file) => written.has(file));
