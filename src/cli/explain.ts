import { readFileSync } from "node:fs";
import { pageOf } from "../findings/catalogue.js";
import { CATALOGUE } from "../prove/findings/catalogue.js";
import type { Io } from "./io.js";
import { suggestSeveral } from "./suggest.js";
import { EXIT, UsageError } from "./usage.js";

/** `lastcall explain FINDING`: prints its page. Returns the exit code. Throws UsageError. */
export function runExplain(args: readonly string[], { stdout }: Io): Promise<number> {
  const [word, ...more] = args;
  if (word === "--help" || word === "-h") stdout.write(writeHelp());
  else stdout.write(readPage(findId(word, more)));
  return Promise.resolve(EXIT.clean);
}

function writeHelp(): string {
  const width = Math.max(...CATALOGUE.map(({ id }) => id.length));
  const list = CATALOGUE.map(({ id, title }) => `  ${id.padEnd(width)}   ${title}`);
  return `Usage: lastcall explain FINDING

Prints what a finding of \`lastcall prove\` means, an example, and how to mend it.

Findings:
${list.join("\n")}
`;
}

/** Its id, also where it is spelled as its page is: `exit-late`. */
function findId(word: string | undefined, more: readonly string[]): string {
  const expected = "Expected the name of a finding such as `inflight/cut`";
  if (word === undefined)
    throw new UsageError(`${expected}, got none: see \`lastcall explain --help\``);
  if (more.length > 0) throw new UsageError(`${expected}, got \`${[word, ...more].join(" ")}\``);
  const ids = CATALOGUE.map(({ id }) => id);
  const id = ids.find((one) => one === word || one.replace("/", "-") === word);
  if (id !== undefined) return id;
  const near = suggestSeveral(word, ids).map((one) => `\`${one}\``);
  const hint =
    near.length === 0 ? "see `lastcall explain --help`" : `did you mean ${near.join(" or ")}?`;
  throw new UsageError(`${expected}, got \`${word}\`: ${hint}`);
}

/**
 * Its page is a part of the package; what it links to is not, so that links are their text. Its comments are
 * for its authors.
 */
function readPage(id: string): string {
  const text = readFileSync(new URL(`../../docs/${pageOf(id)}`, import.meta.url), "utf8");
  const [page = ""] = text.split("\n## The services\n");
  const parts = page.replaceAll(/^<!-- .*? -->\n+/gm, "").split(/^(```[^]*?^```)$/m);
  return `${parts
    .map((part) => (part.startsWith("```") ? part : dropLinks(part)))
    .join("")
    .trimEnd()}\n`;
}

function dropLinks(text: string): string {
  return text.replaceAll(/\[([^\]]+)\]\((?!https:)[^)]+\)/g, "$1");
}
