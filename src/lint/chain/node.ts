import type { Word } from "../model/command.js";

/** Flags of Node's that take the next word, unless they have a `=`. */
const TAKES_WORD = new Set([
  "-r",
  "--require",
  "--import",
  "--loader",
  "--experimental-loader",
  "--env-file",
  "--env-file-if-exists",
  "-C",
  "--conditions",
  "--title",
  "--icu-data-dir",
  "--openssl-config",
  "--inspect-port",
  "--max-http-header-size",
  "--max-old-space-size",
  "--stack-trace-limit",
  "--dns-result-order",
  "--unhandled-rejections",
  "--report-dir",
  "--watch-path",
]);

/** What Node is started with. */
export interface NodeWords {
  /** The file; null for `-e` and the like, or where it has variables. */
  readonly entry: Word | null;
  /** What `--import` and `--require` load before it. */
  readonly preloads: readonly Word[];
  readonly isWatching: boolean;
}

/** Reads the words behind `node`. */
export function readNodeWords(words: readonly Word[]): NodeWords {
  const preloads: Word[] = [];
  let isWatching = false;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at];
    if (word === undefined) break;
    const { text, spot } = word;
    if (text === "-e" || text === "--eval" || text === "-p" || text === "-")
      return { entry: null, preloads, isWatching };
    if (text === "--") return { entry: words[at + 1] ?? null, preloads, isWatching };
    if (!text.startsWith("-")) {
      const isKnown = text !== "" && !text.includes("$");
      return { entry: isKnown ? word : null, preloads, isWatching };
    }
    if (text.startsWith("--watch")) isWatching = true;
    const [flag = "", value] = text.split("=");
    const isPreload = ["-r", "--require", "--import"].includes(flag);
    if (value !== undefined) {
      if (isPreload) preloads.push({ text: value, spot });
    } else if (TAKES_WORD.has(flag)) {
      at += 1;
      const next = words[at];
      if (isPreload && next !== undefined) preloads.push(next);
    }
  }
  return { entry: null, preloads, isWatching };
}
