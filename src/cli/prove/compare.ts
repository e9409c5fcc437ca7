import { compareResults } from "../../prove/render/text/compare.js";
import type { Io } from "../io.js";
import { EXIT, UsageError } from "../usage.js";
import { readResult } from "./read-result.js";

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
