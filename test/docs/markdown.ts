import { readdirSync } from "node:fs";
import path from "node:path";

import { read, root } from "../package/project.js";

/** Every document a reader may open: those in the root, and docs/. */
export const documents: readonly string[] = [
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  "SECURITY.md",
  ...readdirSync(path.join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
  ...readdirSync(path.join(root, "docs", "findings"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/findings/${name}`),
];

/**
 * The cells of every table whose first column has the heading `first`, without the headings. `region`: of those between
 * the marks of that name.
 */
export function readRows(file: string, first: string, region?: string): string[][] {
  const rows: string[][] = [];
  let isInside = false;
  let isTable = false;
  const text = read(file);
  const part = region === undefined ? text : text.split(`: ${region} -->`)[1]?.split("<!-- end")[0];
  for (const line of (part ?? "").split("\n")) {
    // A `|` inside code is written `\|` in a table.
    const cells = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
    if (!line.startsWith("|")) {
      isInside = false;
      isTable = false;
      continue;
    }
    if (!isTable) isInside = cells[1] === first;
    else if (isInside && !/^-+$/.test(cells[1] ?? "")) rows.push(cells.slice(1, -1));
    isTable = true;
  }
  return rows;
}

/** The text without its code marks. */
export function plain(cell: string): string {
  return cell.replaceAll("`", "");
}

/** A document's headings, at any level. */
export function readHeadings(file: string): string[] {
  const prose = read(file).replaceAll(/^```.*?^```$/gms, "");
  return [...prose.matchAll(/^#+ (.+)$/gm)].map((match) => match[1] ?? "");
}

/** The string members of a union type, from its source: types are gone at run time. */
export function readUnion(file: string, name: string): string[] {
  const source = read(file);
  const begin = source.indexOf(`export type ${name} =`);
  const text = source.slice(begin, source.indexOf(";", begin));
  return [...text.matchAll(/"([^"]+)"/g)].map((match) => match[1] ?? "");
}

/** The names and the types of an interface's own members, from its source. */
export function readMembers(file: string, name: string): [name: string, type: string][] {
  const source = read(file);
  const begin = source.indexOf(`export interface ${name} {`);
  const text = source.slice(begin, source.indexOf("\n}", begin));
  return [...text.matchAll(/^ {2}"?([\w-]+)"?\??: (.+?);$/gm)].map((match) => [
    match[1] ?? "",
    match[2] ?? "",
  ]);
}
