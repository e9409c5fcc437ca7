import { wrap } from "../findings/wrap.js";
import type { OptionSpec } from "./arguments.js";

/** An option as a command's help lists it. */
export interface ListedOption extends OptionSpec {
  /** The heading that it stands under. */
  readonly group: string;
  /** What holds without it. */
  readonly default?: string;
}

const COLUMN = 26;
const WIDTH = 100;

/** The options of a command, by group. */
export function writeOptions(options: readonly ListedOption[]): string {
  return [...byGroup(options)].map(([group, members]) => writeGroup(group, members)).join("");
}

function byGroup(all: readonly ListedOption[]): ReadonlyMap<string, ListedOption[]> {
  const groups = new Map<string, ListedOption[]>();
  for (const option of all) {
    groups.set(option.group, [...(groups.get(option.group) ?? []), option]);
  }
  return groups;
}

function writeGroup(group: string, options: readonly ListedOption[]): string {
  const heading = `${group.charAt(0).toUpperCase()}${group.slice(1)}:`;
  return `\n${heading}\n${options.map(writeOption).join("\n")}\n`;
}

function writeOption(option: ListedOption): string {
  const { name, value, isRepeatable, help } = option;
  const left = `  ${name}${value === undefined ? "" : ` ${value}`}${isRepeatable === true ? "…" : ""}`;
  const text = option.default === undefined ? help : `${help} (${option.default})`;
  const right = wrap(text, WIDTH - COLUMN, 0).replaceAll("\n", `\n${" ".repeat(COLUMN)}`);
  return left.length > COLUMN - 2
    ? `${left}\n${" ".repeat(COLUMN)}${right}`
    : left.padEnd(COLUMN) + right;
}
