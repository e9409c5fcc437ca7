// What package.json's `exports` lead to, by the name that a module has below src/ and dist/.
import { readFileSync } from "node:fs";
import path from "node:path";

const root = path.join(import.meta.dirname, "..");

/** Modules that programs import or require, without `.js`: `index`, `clients/pg`, … */
export function entries() {
  const { exports } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  return Object.values(exports)
    .map((target) => target.import?.types)
    .filter((types) => types !== undefined)
    .map((types) =>
      path.posix.relative("dist", path.posix.normalize(types)).replace(/\.d\.ts$/, ""),
    );
}

/** What finds files beside its modules, and is no library: the prover's programs, and a preload that loads one file late. */
const BY_MODULES = /^(prove|auto)\//;

/** Those of the library. */
export function libraryEntries() {
  return entries().filter((name) => !BY_MODULES.test(name));
}
