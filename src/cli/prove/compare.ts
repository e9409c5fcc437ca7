import { readFileSync } from "node:fs";
import type { ProveResult } from "../../prove/index.js";
import { compareResults } from "../../prove/render/text/compare.js";
import type { Io } from "../io.js";
import { EXIT, UsageError } from "../usage.js";

/** `lastcall prove --compare A.json B.json`. Returns 1 when B is worse. Throws UsageError. */
export function runCompare(words: readonly string[], { stdout }: Io): number {
  const [before, after, ...more] = words;
  if (before === undefined || after === undefined || more.length > 0) {
    const got = words.length === 0 ? "none" : words.map((word) => `\`${word}\``).join(" ");
    throw new UsageError(
      `Expected two files of \`--json\` after \`--compare\` and no more, got ${got}`,
    );
  }
  const { isWorse, text } = compareResults(readResult(before), readResult(after));
  stdout.write(`${text}\n`);
  return isWorse ? EXIT.found : EXIT.clean;
}

const VERSION = 1;

function readResult(file: string): ProveResult {
  const result = parse(file);
  const { version, verdict, trials, error } = result;
  if (version !== VERSION) {
    const got = version === undefined ? "none" : JSON.stringify(version);
    throw new UsageError(
      `Expected \`${file}\` to be a result of version ${String(VERSION)}, as \`--json\` prints it, got version ${got}`,
    );
  }
  if (Array.isArray(trials)) return result as unknown as ProveResult;
  const why = (error as { message?: string } | undefined)?.message ?? String(verdict);
  throw new UsageError(
    `Expected \`${file}\` to be the result of a run, got one that could not: ${why}`,
  );
}

function parse(file: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof value === "object" && value !== null) return { ...value };
    throw new TypeError("it is no object");
  } catch (error) {
    const { message } = error as Error;
    throw new UsageError(
      `Expected \`${file}\` to be a result, as \`--json\` prints it: ${message}`,
    );
  }
}
