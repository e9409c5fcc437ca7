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

/** Those of the library: what is imported to prove or lint is a program of its own, and finds files beside its modules. */
export function libraryEntries() {
  return entries().filter((name) => !name.startsWith("prove/"));
}
