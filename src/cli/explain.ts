import { readFileSync } from "node:fs";
import { pageOf } from "../findings/catalogue.js";
import { CATALOGUE as RULES } from "../lint/index.js";
import { CATALOGUE as FINDINGS } from "../prove/findings/catalogue.js";
import type { Io } from "./io.js";
import { suggestSeveral } from "./suggest.js";
import { EXIT, UsageError } from "./usage.js";

/** What has a page, and the folder that it is in. */
const PAGES = [
  ...FINDINGS.map(({ id, title }) => ({ id, title, page: pageOf(id) })),
  ...RULES.map(({ id, title }) => ({ id, title, page: pageOf(id, "lint") })),
];

/** `lastcall explain FINDING`: prints its page. Returns the exit code. Throws UsageError. */
export function runExplain(args: readonly string[], { stdout }: Io): Promise<number> {
  const [word, ...more] = args;
  if (word === "--help" || word === "-h") stdout.write(writeHelp());
  else stdout.write(readPage(findPage(word, more)));
  return Promise.resolve(EXIT.clean);
}

function writeHelp(): string {
  const width = Math.max(...PAGES.map(({ id }) => id.length));
  const list = (all: readonly { readonly id: string; readonly title: string }[]): string =>
    all.map(({ id, title }) => `  ${id.padEnd(width)}   ${title}`).join("\n");
  return `Usage: lastcall explain FINDING

Prints what a finding of \`lastcall prove\` or \`lastcall lint\` means, an example, and how to mend it.

Findings of prove:
${list(FINDINGS)}

Findings of lint:
${list(RULES)}
`;
}

/** Its page, also where it is spelled as that is: `exit-late`. */
function findPage(word: string | undefined, more: readonly string[]): string {
  const expected = "Expected the name of a finding such as `inflight/cut`";
  if (word === undefined)
    throw new UsageError(`${expected}, got none: see \`lastcall explain --help\``);
  if (more.length > 0) throw new UsageError(`${expected}, got \`${[word, ...more].join(" ")}\``);
  const ids = PAGES.map(({ id }) => id);
  const found = PAGES.find(({ id }) => id === word || id.replace("/", "-") === word);
  if (found !== undefined) return found.page;
  const near = suggestSeveral(word, ids).map((one) => `\`${one}\``);
  const hint =
    near.length === 0 ? "see `lastcall explain --help`" : `did you mean ${near.join(" or ")}?`;
  throw new UsageError(`${expected}, got \`${word}\`: ${hint}`);
}

/**
 * Its page is a part of the package; what it links to is not, so that links are their text. Its comments are
 * for its authors.
 */
function readPage(page: string): string {
  const text = readFileSync(new URL(`../../docs/${page}`, import.meta.url), "utf8");
  const [own = ""] = text.split("\n## The services\n");
  const parts = own.replaceAll(/^<!-- .*? -->\n+/gm, "").split(/^(```[^]*?^```)$/m);
  return `${parts
    .map((part) => (part.startsWith("```") ? part : dropLinks(part)))
    .join("")
    .trimEnd()}\n`;
}

function dropLinks(text: string): string {
  return text.replaceAll(/\[([^\]]+)\]\((?!https:)[^)]+\)/g, "$1");
}
