// Writes dist/cjs/: the modules that the package's exports reach, as CommonJS, with their types. Node has been able to
// require() an ES module since 20.19, but Jest and TypeScript's older ways to resolve cannot. Runs after tsc: what
// reaches what is read from its output.
import { transform } from "esbuild";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

const root = path.join(import.meta.dirname, "..");
const dist = path.join(root, "dist");

/** The files below dist/ that these import, themselves among them. */
function reach(entries) {
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
  for (const entry of entries) visit(entry);
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

async function writeModule(file) {
  const source = path.join(root, "src", file.replace(/\.js$/, ".ts"));
  const text = readFileSync(source, "utf8");
  const needed = Object.entries(MEANS).filter(([name]) => {
    return Object.entries(DEFINE).some(([meta, stands]) => stands === name && text.includes(meta));
  });
  const isNeeded = text.includes("import.meta.");
  const { code } = await transform(text, {
    loader: "ts",
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
  write(path.join(dist, "cjs", file), code);
}

function writeTypes(file) {
  const text = readFileSync(path.join(dist, file), "utf8");
  write(path.join(dist, "cjs", file), text.replace(/\/\/# sourceMappingURL=.*\n?$/, ""));
}

function write(file, text) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}

const { exports } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
const entries = Object.values(exports).flatMap((target) => target.import ?? []);
const below = (file) => path.relative("dist", file);

write(path.join(dist, "cjs", "package.json"), '{ "type": "commonjs" }\n');
await Promise.all(reach(entries.map((entry) => below(entry.default))).map(writeModule));
for (const file of reach(entries.map(({ types }) => below(types)))) writeTypes(file);
