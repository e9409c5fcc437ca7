import type { ProveOptions } from "../../prove/index.js";
import { findClash } from "../../prove/options/clash.js";
import { OPTIONS } from "../../prove/options/table.js";
import type { Arguments } from "../arguments.js";
import { UsageError } from "../usage.js";
import { readWords } from "./read-word.js";
import { CLI_OPTIONS, spell } from "./table.js";

/** Any of these says what is proved in place of a command. */
const WAYS = ["--pid", "--signal-with", "--during", "--url"] as const;

/** Turns words into options; those of files of requests are names still. Throws UsageError. */
export function readOptions({ options, rest }: Arguments): ProveOptions {
  const hasOther = WAYS.some((name) => options.has(name));
  const command = rest !== undefined || !hasOther ? { command: readCommand(rest) } : {};
  const read = CLI_OPTIONS.flatMap(({ name, key }) => {
    const texts = options.get(name);
    if (key === undefined || texts === undefined) return [];
    return [[key, readWords(name, texts, OPTIONS[key])] as const];
  });
  const result: ProveOptions = { ...command, ...Object.fromEntries(read) };
  const clash = findClash(result, spell);
  if (clash !== undefined) throw new UsageError(clash);
  return result;
}

function readCommand(rest: readonly string[] | undefined): readonly string[] {
  if (rest !== undefined && rest.length > 0) return rest;
  const got = rest === undefined ? "no `--`" : "nothing after `--`";
  throw new UsageError(`Expected \`--\` and the command that starts the service, got ${got}`);
}
