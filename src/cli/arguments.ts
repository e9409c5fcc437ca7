import { suggest } from "./suggest.js";
import { UsageError } from "./usage.js";

/** An option a command knows. */
export interface OptionSpec {
  /** With its dashes: `--rtt`. */
  readonly name: string;
  /** What stands for its value in the help, such as `TIME`; undefined for a flag. */
  readonly value?: string;
  readonly isRepeatable?: boolean;
  readonly help: string;
}

export interface Arguments {
  /** The texts given for each option; a flag that was given has one empty text. */
  readonly options: ReadonlyMap<string, readonly string[]>;
  /** What follows `--`; undefined without one. */
  readonly rest: readonly string[] | undefined;
  /** What belongs to no option, for a command that takes words. */
  readonly words: readonly string[];
}

/** Reads `--name value`, `--name=value` and flags, up to `--`. Throws UsageError. */
export function readArguments(
  args: readonly string[],
  specs: readonly OptionSpec[],
  { takesWords = false }: { readonly takesWords?: boolean } = {},
): Arguments {
  const split = args.indexOf("--");
  const own = split === -1 ? args : args.slice(0, split);
  const options = new Map<string, string[]>();
  const words: string[] = [];
  for (let at = 0; at < own.length; at += 1) {
    const word = own[at] ?? "";
    if (takesWords && (word === "-" || !word.startsWith("-"))) {
      words.push(word);
      continue;
    }
    const [name, inline] = splitOnce(word);
    const spec = find(name, word, specs);
    const given = options.get(spec.name) ?? [];
    if (given.length > 0 && spec.isRepeatable !== true) {
      throw new UsageError(`Expected \`${spec.name}\` once, got it again`);
    }
    const takesNext = spec.value !== undefined && inline === undefined;
    options.set(spec.name, [...given, readValue(spec, inline, own[at + 1])]);
    if (takesNext) at += 1;
  }
  return { options, rest: split === -1 ? undefined : args.slice(split + 1), words };
}

function splitOnce(word: string): [string, string | undefined] {
  const equals = word.indexOf("=");
  if (!word.startsWith("--") || equals === -1) return [word, undefined];
  return [word.slice(0, equals), word.slice(equals + 1)];
}

function find(name: string, word: string, specs: readonly OptionSpec[]): OptionSpec {
  const spec = specs.find((candidate) => candidate.name === name);
  if (spec !== undefined) return spec;
  if (!name.startsWith("-")) {
    throw new UsageError(`Expected an option or \`--\` and the command to run, got \`${word}\``);
  }
  const near = suggest(
    name,
    specs.map((candidate) => candidate.name),
  );
  const hint = near === undefined ? "see --help" : `did you mean \`${near}\`?`;
  throw new UsageError(`Expected a known option, got \`${name}\`: ${hint}`);
}

function readValue(spec: OptionSpec, inline: string | undefined, next: string | undefined): string {
  if (spec.value === undefined) {
    if (inline === undefined) return "";
    throw new UsageError(`Expected \`${spec.name}\` without a value, got \`${inline}\``);
  }
  const value = inline ?? next;
  if (value !== undefined && (inline !== undefined || !value.startsWith("--"))) return value;
  const got = value === undefined ? "nothing" : `\`${value}\``;
  throw new UsageError(`Expected a value after \`${spec.name}\` (${spec.value}), got ${got}`);
}
