// Removes compiled files whose source was renamed or deleted, so that a stale test never runs and a
// stale module never ships. Not a plain `rm -r`: whatever runs from dist/ meanwhile keeps its files.
import { existsSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";

const root = path.join(import.meta.dirname, "..");
const compiledSuffix = /(\.d)?\.[cm]?[jt]s(\.map)?$/;

for (const [sources, compiled] of [
  ["src", "dist"],
  ["test", "build/test"],
]) {
  const folder = path.join(root, compiled);
  if (!existsSync(folder)) continue;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    // What is made of the modules looks after itself.
    const relative = path.relative(folder, file);
    if (/^(cjs|lastcall)[\\/]/.test(relative)) continue;
    const source = path.join(root, sources, relative);
    const stem = source.replace(compiledSuffix, "");
    if (![".ts", ".mts", ".cts"].some((suffix) => existsSync(stem + suffix))) rmSync(file);
  }
}
