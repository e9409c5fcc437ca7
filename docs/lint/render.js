// @ts-check
// What the pages of lint take from its catalogue.

/** @typedef {import("#src/findings/catalogue.js").Described} Described */

/**
 * The text between the marks of a region, with the empty lines around it.
 *
 * @param {readonly Described[]} catalogue
 * @param {string} name `table`, or a rule's id
 */
export function renderFromRules(catalogue, name) {
  if (name === "table") return `\n${renderTable(catalogue)}\n\n`;
  const rule = catalogue.find((one) => one.id === name);
  if (rule === undefined) throw new Error(`no rule is named ${name}`);
  return `\n${renderRule(rule)}\n\n`;
}

/** @type {Readonly<Record<Described["severity"], string>>} */
const SEVERITIES = { error: "Error", warning: "Warning", info: "For information" };

/** @param {Described} rule */
function renderRule({ severity, title, cause, next }) {
  return [`**${SEVERITIES[severity]}**: ${title}.`, cause, next].join("\n\n");
}

/** @param {readonly Described[]} rules */
function renderTable(rules) {
  const rows = rules.map(({ id, severity, title }) => [
    `[\`${id}\`](lint/${id.replace("/", "-")}.md)`,
    severity,
    title.replaceAll("|", "\\|"),
  ]);
  const head = ["rule", "severity", "what it says"];
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (/** @type {string[]} */ cells) =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}
