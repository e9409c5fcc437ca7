import type { ProveOptions } from "../../prove/index.js";
import { OPTIONS, type Group, type OptionRow } from "../../prove/options/table.js";
import type { OptionSpec } from "../arguments.js";

/** An option of the command line. */
export interface CliOption extends OptionSpec {
  readonly group: Group;
  readonly default?: string;
  /** The option of `prove()` that it is; absent for what is the command line's own. */
  readonly key?: keyof ProveOptions;
}

/** What only the command line has: where the result goes. */
const OWN: readonly CliOption[] = [
  { name: "--json", group: "output", help: "prints the result as JSON" },
  { name: "--junit", value: "FILE", group: "output", help: "writes the result as JUnit XML" },
  { name: "--sarif", value: "FILE", group: "output", help: "writes the findings as SARIF 2.1.0" },
  {
    name: "--html",
    value: "FILE",
    group: "output",
    help: "writes the result and its timeline as one page",
  },
  { name: "--ledger", value: "FILE", group: "output", help: "writes one JSON object per request" },
  {
    name: "--output",
    value: "FILE",
    group: "output",
    help: "writes what the service writes, each line with its time",
  },
  {
    name: "--compare",
    value: "A.json B.json",
    group: "more options",
    help: "alone or with --json: says what became better or worse from one --json to another",
  },
  { name: "--help", group: "more options", help: "prints this" },
];

const GROUPS: readonly Group[] = [
  "what to prove",
  "the load",
  "the stop",
  "output",
  "more options",
];

/** All options, by group and in the order in which they are listed. */
export const CLI_OPTIONS: readonly CliOption[] = GROUPS.flatMap((group) => [
  ...Object.entries(OPTIONS).flatMap(([key, row]) =>
    row.group === group ? toCliOption(key as keyof ProveOptions, row) : [],
  ),
  ...OWN.filter((option) => option.group === group),
]);

function toCliOption(key: keyof ProveOptions, row: OptionRow): CliOption[] {
  const { flag, kind: _, range: _range, not: _not, needs: _needs, ...rest } = row;
  return flag === undefined ? [] : [{ ...rest, name: flag, key }];
}

/** As its reader knows it. */
export function spell(key: keyof ProveOptions): string {
  const { flag } = OPTIONS[key];
  return flag === undefined ? "a command after `--`" : `\`${flag}\``;
}
