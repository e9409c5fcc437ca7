import type { Fixed } from "./fix.js";

const CONTEXT = 2;

/** A unified diff. An edit stays within its lines, so that both texts have as many. */
export function renderDiff({ source, text }: Fixed): string {
  // What stands behind the last end of a line is no line.
  const [before, after] = [source.text, text].map((one) => one.replace(/\n$/, "").split("\n"));
  if (before === undefined || after === undefined) return "";
  const hunks = groupLines(before.flatMap((line, at) => (line === after[at] ? [] : [at])));
  const shown = hunks.map((hunk) => renderHunk(hunk, before, after));
  return [`--- ${source.file}`, `+++ ${source.file}`, ...shown].join("\n");
}

interface Hunk {
  readonly first: number;
  readonly last: number;
}

/** Lines that are near each other are shown together. */
function groupLines(changed: readonly number[]): Hunk[] {
  const hunks: Hunk[] = [];
  for (const line of changed) {
    const open = hunks.at(-1);
    if (open !== undefined && line - open.last <= 2 * CONTEXT)
      hunks[hunks.length - 1] = { first: open.first, last: line };
    else hunks.push({ first: line, last: line });
  }
  return hunks;
}

function renderHunk(
  { first, last }: Hunk,
  before: readonly string[],
  after: readonly string[],
): string {
  const from = Math.max(0, first - CONTEXT);
  const to = Math.min(before.length - 1, last + CONTEXT);
  const lines: string[] = [];
  for (let at = from; at <= to; at += 1) {
    const [old = "", now = ""] = [before[at], after[at]].map((line) => line?.replace(/\r$/, ""));
    if (old === now) lines.push(` ${old}`);
    else lines.push(`-${old}`, `+${now}`);
  }
  const count = to - from + 1;
  return [`@@ -${from + 1},${count} +${from + 1},${count} @@`, ...lines].join("\n");
}
