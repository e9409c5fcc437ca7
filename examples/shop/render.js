// @ts-check
import { compareLines } from "./compare-lines.js";

/** @typedef {{ color: boolean, width: number }} Look */

/**
 * @param {string} heading
 * @param {Look} look
 */
export function renderHeading(heading, { color, width }) {
  const line = `━━ ${heading} `.padEnd(width, "━");
  return color ? `\u001B[1m${line}\u001B[0m` : line;
}

/**
 * Both sources side by side; what only one of them has is marked.
 *
 * @param {{ without: string, with: string }} files
 * @param {Look} look
 */
export function renderDifference(files, { color }) {
  const rows = compareLines(files.without, files.with);
  const width = Math.max(...rows.map(({ left }) => left?.length ?? 0));
  const paint = (/** @type {number} */ code, /** @type {string} */ text) =>
    color && text.trim() !== "" ? `\u001B[${code}m${text}\u001B[0m` : text;
  const lines = rows.map(({ left = "", right = "", isSame }) => {
    if (isSame) return `  ${left.padEnd(width)} │   ${right}`;
    const before = `${left === "" ? " " : "-"} ${left.padEnd(width)}`;
    const after = `${right === "" ? " " : "+"} ${right}`;
    return `${paint(31, before)} │ ${paint(32, after)}`;
  });
  const head = `  ${"without.js".padEnd(width)} │   with.js`;
  return [head, ...lines].map((line) => line.trimEnd()).join("\n");
}

/** @param {import("./judge.js").Stopped[]} stops */
export function renderJournals(...stops) {
  const head = ["", "answered 201", "in journal", "missing", "twice", "unanswered"];
  const rows = stops.map(({ file, journal }) => [
    file,
    ...[journal.answered, journal.lines, journal.missing, journal.twice, journal.unanswered].map(
      (count) => count.toLocaleString("en-US"),
    ),
  ]);
  const widths = head.map((title, column) =>
    Math.max(...[head, ...rows].map((row) => (row[column] ?? title).length)),
  );
  return [head, ...rows]
    .map(([name = "", ...cells]) => {
      const padded = cells.map((cell, index) => cell.padStart(widths[index + 1] ?? 0));
      return [name.padEnd(widths[0] ?? 0), ...padded].join("   ");
    })
    .join("\n");
}
