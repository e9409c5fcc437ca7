// What an older build has left behind.
import { existsSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";

/** Removes the files below a folder that are not current. Not a plain `rm -r`: whatever runs from there meanwhile keeps its files. */
export function removeStale(folder, isCurrent) {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (entry.isFile() && !isCurrent(file)) rmSync(file);
  }
}
