import { readFileSync } from "node:fs";
import { findClash, type ProveOptions } from "../prove/index.js";
import type { Arguments } from "./arguments.js";
import { UsageError } from "./usage.js";

type PointingOptions = Pick<
  ProveOptions,
  "command" | "stopWith" | "during" | "url" | "kill" | "insecure" | "ca" | "quick"
>;

const TEXTS = [
  ["--signal-with", "stopWith"],
  ["--during", "during"],
  ["--url", "url"],
] as const;

const FLAGS = [
  ["--kill", "kill"],
  ["--insecure", "insecure"],
  ["--quick", "quick"],
] as const;

const WAYS = ["--pid", "--signal-with", "--during", "--url"] as const;

/** Reads what is proved: a command, or something that runs already. Throws UsageError. */
export function readPointing({ options, rest }: Arguments): PointingOptions {
  const hasOther = WAYS.some((name) => options.has(name));
  const result: { -readonly [K in keyof PointingOptions]: PointingOptions[K] } = {};
  if (rest !== undefined || !hasOther) result.command = readCommand(rest);
  for (const [name, key] of TEXTS) {
    const text = options.get(name)?.[0];
    if (text === "") throw new UsageError(`Expected a value after \`${name}\`, got nothing`);
    if (text !== undefined) result[key] = text;
  }
  for (const [name, key] of FLAGS) if (options.has(name)) result[key] = true;
  const file = options.get("--ca")?.[0];
  if (file !== undefined) result.ca = readAuthorities(file);
  return result;
}

/** How options that are not spelled like the library's own are given on the command line. */
const SPELLINGS: Partial<Record<keyof ProveOptions, string>> = {
  command: "a command after `--`",
  stopWith: "`--signal-with`",
  secondSignal: "`--second-signal`",
  requests: "`--request`",
  uploads: "`--upload`",
  pipelined: "`--pipeline`",
  expecting: "`--expect-continue`",
};

/** Throws UsageError for options that make no sense together. */
export function refuseClash(options: ProveOptions): void {
  const clash = findClash(options, (name) => SPELLINGS[name] ?? `\`--${name}\``);
  if (clash !== undefined) throw new UsageError(clash);
}

function readCommand(rest: readonly string[] | undefined): readonly string[] {
  if (rest !== undefined && rest.length > 0) return rest;
  const got = rest === undefined ? "no `--`" : "nothing after `--`";
  throw new UsageError(`Expected \`--\` and the command that starts the service, got ${got}`);
}

function readAuthorities(file: string): string {
  const pem = readText(file);
  if (pem.includes("-----BEGIN CERTIFICATE-----")) return pem;
  throw new UsageError(
    `Expected \`--ca\` to be a file of certificates in PEM, got \`${file}\`, which has none`,
  );
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(
      `Expected \`--ca\` to be a file that can be read, got \`${file}\` (${String(code)})`,
    );
  }
}
