// Removes compiled files whose source was renamed or deleted, so that a stale test never runs and a stale module never ships.
import { existsSync } from "node:fs";
import path from "node:path";

import { removeStale } from "./stale.mjs";

const root = path.join(import.meta.dirname, "..");
const compiledSuffix = /(\.d)?\.[cm]?[jt]s(\.map)?$/;

for (const [sources, compiled] of [
  ["src", "dist"],
  ["test", "build/test"],
]) {
  const folder = path.join(root, compiled);
  removeStale(folder, (file) => {
    // What is made of the modules looks after itself.
    const relative = path.relative(folder, file);
    if (/^(cjs|lastcall)[\\/]/.test(relative)) return true;
    const stem = path.join(root, sources, relative).replace(compiledSuffix, "");
    return [".ts", ".mts", ".cts"].some((suffix) => existsSync(stem + suffix));
  });
}
