// @ts-check
// What docs/options.md and docs/auto.md take from the tables in src/options/table.ts and src/auto/options.ts.
import { existsSync } from "node:fs";
import path from "node:path";

/** @typedef {import("#src/options/row.js").Row} Row */

const dist = path.join(import.meta.dirname, "..", "dist", "options");
const built = existsSync(path.join(dist, "table.js"))
  ? {
      ...(await import("../dist/options/table.js")),
      ...(await import("../dist/options/row.js")),
      ...(await import("../dist/options/environment.js")),
      ...(await import("../dist/auto/options.js")),
    }
  : undefined;

/**
 * The text between the marks of a region, with the empty lines around it.
 *
 * @param {string} name of a method
 */
export function renderOptions(name) {
  if (built === undefined) throw new Error("the table of options is not built: `npm run build`");
  const { LASTCALL, ATTACH, TASK, WAIT_UNTIL, HOOK, REGISTRY, AUTO } = built;
  switch (name) {
    case "lastcall":
      return `\n${renderTable({ ...LASTCALL }, built.variableOf)}\n\n`;
    case "auto":
      return `\n${renderTable({ ...AUTO }, built.variableOf)}\n\n`;
    case "attach":
      return `\n${renderTable({ ...ATTACH })}\n\n`;
    case "task":
      return `\n${renderTable({ ...TASK })}\n\n`;
    case "waitUntil":
      return `\n${renderTable({ ...WAIT_UNTIL })}\n\n`;
    case "hook":
      return `\n${renderTable({ ...HOOK })}\n\n`;
    case "registry":
      return `\n${renderTable({ ...REGISTRY })}\n\n`;
    default:
      throw new Error(`no table of options is named ${name}`);
  }
}

/**
 * @param {Record<string, Row>} rows
 * @param {(name: string, row: Row) => string | undefined} [variableOf] where the options may come from the environment
 */
function renderTable(rows, variableOf) {
  const environment = variableOf === undefined ? [] : ["environment"];
  const head = ["option", "unit, type", "default", "meaning", ...environment];
  const cells = Object.entries(rows).flatMap(([name, row]) => renderRow(name, row, variableOf));
  return alignTable([head, ...cells]);
}

/**
 * A row, and those of its members.
 *
 * @param {string} name
 * @param {Row} row
 * @param {(name: string, row: Row) => string | undefined} [variableOf]
 * @returns {string[][]}
 */
function renderRow(name, row, variableOf) {
  const isGroup = built?.isGroup(row) ?? false;
  const type = "takes" in row ? row.takes.type : row.type;
  const cells = [`\`${name}\``, type, row.default.text, row.meaning];
  if (variableOf !== undefined) {
    const variable = variableOf(name, row);
    cells.push(variable === undefined ? "none" : `\`${variable}\``);
  }
  const members = isGroup && "members" in row ? Object.entries(row.members) : [];
  return [
    cells,
    ...members.flatMap(([member, option]) => renderRow(`${name}.${member}`, option, variableOf)),
  ];
}

/**
 * A table in Markdown, its columns as wide as prettier makes them.
 *
 * @param {string[][]} rows the first is the head
 */
function alignTable([head = [], ...rows]) {
  const widths = head.map((_, at) =>
    Math.max(3, ...[head, ...rows].map((row) => row[at]?.length ?? 0)),
  );
  const line = (/** @type {string[]} */ cells) =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}
