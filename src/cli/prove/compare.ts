import type { ProveResult } from "../../prove/index.js";
import { compareResults, findReason, type WithoutResult } from "../../prove/render/comparison.js";
import { renderComparison } from "../../prove/render/text/compare.js";
import type { Io } from "../io.js";
import { EXIT, UsageError } from "../usage.js";
import { readResult } from "./read-result.js";

const ALONE = "Expected `--compare` and two files alone, or with `--json`";

/**
 * `lastcall prove --compare A.json B.json`, with `--json` before it or after the files. Returns 1 when B is
 * worse. Throws UsageError.
 */
export function runCompare(args: readonly string[], { stdout }: Io): number {
  const isJson = args[0] === "--json" || (args.length > 2 && args.at(-1) === "--json");
  const own = args[0] === "--json" ? args.slice(1) : isJson ? args.slice(0, -1) : args;
  if (own[0] !== "--compare") throw new UsageError(`${ALONE}, got other options with it`);
  const comparison = compareResults(...readFiles(own.slice(1)));
  stdout.write(`${isJson ? JSON.stringify(comparison) : renderComparison(comparison)}\n`);
  return comparison.isWorse ? EXIT.found : EXIT.clean;
}

function readFiles(words: readonly string[]): [ProveResult, ProveResult | WithoutResult] {
  const [before, after, ...more] = words;
  if (before !== undefined && after !== undefined && more.length === 0) {
    return [readFirst(before), readResult(after)];
  }
  const got = words.length === 0 ? "none" : words.map((word) => `\`${word}\``).join(" ");
  throw new UsageError(
    `Expected two files of \`--json\` after \`--compare\` and no more, got ${got}`,
  );
}

/** Without its verdict there is nothing to be better or worse than. */
function readFirst(file: string): ProveResult {
  const result = readResult(file);
  const reason = findReason(result);
  if (reason === null && !("error" in result)) return result;
  throw new UsageError(
    `Expected \`${file}\` to have a verdict, which the other is compared with, got none: ${String(reason)}`,
  );
}
