// The table of docs/auto.md. Its rows are what a run has measured; those of another run stay.
import * as fs from "node:fs";
import path from "node:path";

const page = path.join(import.meta.dirname, "..", "..", "docs", "auto.md");
const [START, END] = ["<!-- table: frameworks -->", "<!-- end -->"];
const HEAD = ["framework", "lost, as it is", "exit", "s", "lost with it", "exit", "s", "in CI"];
const RULE = ["---", "---:", "---", "---:", "---:", "---", "---:", "---"];

const line = (cells) => `| ${cells.join(" | ")} |`;

/** Writes rows in the order of `names`, and keeps those that were not measured. */
export function writeRows(rows, names) {
  const text = fs.readFileSync(page, "utf8");
  const from = text.indexOf(START) + START.length;
  const to = text.indexOf(END, from);
  const known = new Map();
  for (const written of text.slice(from, to).split("\n")) {
    const cells = written.split("|").slice(1, -1);
    if (cells.length > 0)
      known.set(
        cells[0].trim(),
        cells.map((cell) => cell.trim()),
      );
  }
  for (const row of rows) known.set(row[0], row);
  const written = names.flatMap((name) => (known.has(name) ? [line(known.get(name))] : []));
  const table = [line(HEAD), line(RULE), ...written].join("\n");
  fs.writeFileSync(page, `${text.slice(0, from)}\n\n${table}\n\n${text.slice(to)}`);
}
