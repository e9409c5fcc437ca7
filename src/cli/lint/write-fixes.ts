import { writeFileSync } from "node:fs";
import path from "node:path";
import { fix, renderDiff, type LintFinding } from "../../lint/index.js";
import type { Io } from "../io.js";
import { UnwrittenError } from "../usage.js";
import { nameCause } from "../watch-streams.js";
import type { Opened } from "./open-project.js";

/** Prints the edits as a diff, and makes them unless it is only to be shown. Returns how many there are. */
export function writeFixes(
  { project, root }: Opened,
  findings: readonly LintFinding[],
  isDry: boolean,
  { stdout }: Io,
): number {
  const fixed = fix(project, findings).filter(({ source, text }) => source.text !== text);
  for (const one of fixed) stdout.write(`${renderDiff(one)}\n\n`);
  if (root === null || isDry) return count(fixed);
  for (const { source, text } of fixed) {
    const mark = source.encoding.hasBom ? "\uFEFF" : "";
    try {
      writeFileSync(path.join(root, source.file), `${mark}${text}`);
    } catch (error) {
      const why = nameCause(error as NodeJS.ErrnoException);
      throw new UnwrittenError(`\`${source.file}\` could not be written: ${why}`);
    }
  }
  return count(fixed);
}

function count(fixed: readonly { readonly edits: number }[]): number {
  return fixed.reduce((sum, { edits }) => sum + edits, 0);
}
