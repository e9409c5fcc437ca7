import { realpathSync, statSync } from "node:fs";
import path from "node:path";
import { UsageError } from "./usage.js";

/** Throws UsageError where two of the options name the same file: the second would overwrite the first. */
export function refuseSameFile(
  names: readonly string[],
  options: ReadonlyMap<string, readonly string[]>,
): void {
  const taken = new Map<string, string>();
  for (const name of names) {
    const file = options.get(name)?.[0];
    const identity = file === undefined ? undefined : identify(file);
    if (identity === undefined) continue;
    const other = taken.get(identity);
    if (other !== undefined) {
      throw new UsageError(
        `Expected a file of its own for \`${other}\` and \`${name}\`, got \`${String(file)}\` for both`,
      );
    }
    taken.set(identity, name);
  }
}

/** What is the same for every name of a file; undefined for a device or a pipe, which takes all that is written. */
function identify(file: string): string | undefined {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found !== undefined) {
    return found.isFile() ? `${String(found.dev)} ${String(found.ino)}` : undefined;
  }
  const { dir, base } = path.parse(path.resolve(file));
  try {
    return path.join(realpathSync(dir), base);
  } catch {
    // There is no such folder: that is said where the file is opened.
    return undefined;
  }
}
