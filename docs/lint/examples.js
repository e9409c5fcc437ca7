// @ts-check
// The examples of the pages of lint's rules: files in fences, each under its name, and what lint says of them. The
// pages are the tests: `test/lint/pages.test.ts` runs every example, and `node docs/regenerate.js --lint` writes the
// outputs.
import { createProject, examine } from "../../dist/lint/index.js";
import { renderFindings } from "../../dist/lint/render/text.js";
import { Source } from "../../dist/lint/source/source.js";

/**
 * @typedef {object} Example
 * @property {"Bad" | "Good"} section
 * @property {string} name its section, and its heading below that
 * @property {Map<string, string>} files
 * @property {{ start: number, end: number, text: string } | undefined} output where lint's words stand in the page
 */

const PART =
  /^(?<level>#{2,3}) (?<heading>[^\n]+)$|^`(?<file>[^`\n]+)`$|^(?<fence>`{3,})(?<language>\w*)\n(?<text>.*?)^\k<fence>$/gms;

/**
 * The examples of a page, in its order.
 *
 * @param {string} page
 * @returns {Example[]}
 */
export function readExamples(page) {
  /** @type {Example[]} */
  const examples = [];
  /** @type {"Bad" | "Good" | undefined} */
  let section;
  let file = "";
  for (const match of page.matchAll(PART)) {
    const { level, heading = "", file: named, language, text = "" } = match.groups ?? {};
    if (level === "##") section = heading === "Bad" || heading === "Good" ? heading : undefined;
    if (section === undefined) continue;
    if (level !== undefined) {
      const name = level === "##" ? heading : `${section}: ${heading}`;
      examples.push({ section, name, files: new Map(), output: undefined });
      continue;
    }
    const example = examples.at(-1);
    if (named !== undefined) file = named;
    else if (example !== undefined && language === "console") {
      const start = match.index + match[0].indexOf("\n") + 1;
      example.output = { start, end: start + text.length, text };
    } else if (file !== "") {
      example?.files.set(file, text);
      file = "";
    }
  }
  return examples.filter(({ files }) => files.size > 0);
}

/**
 * What lint finds in files.
 *
 * @param {ReadonlyMap<string, string>} files
 */
export function lintFiles(files) {
  const project = createProject(
    [...files.keys()],
    (file) => new Source(file, files.get(file) ?? ""),
  );
  return examine(project).findings;
}

const paint = (/** @type {string} */ text) => text;
const LOOK = { paint: { good: paint, bad: paint, faint: paint, strong: paint }, width: 120 };

/**
 * What `lastcall lint` prints of them, without the words that every finding of the rule has: the page has those.
 *
 * @param {ReadonlyMap<string, string>} files
 */
export function renderOutput(files) {
  const text = renderFindings(lintFiles(files), LOOK);
  const short = text
    .replaceAll(
      /^ {2}why: .*\n(?: {2}(?! (?:next|see it|more)).*\n)*?(?= {2}(?:next|see it|more))/gm,
      "",
    )
    .replaceAll(/\n {2}more: .*$/gm, "");
  return `$ lastcall lint\n\n${short}\n`;
}

/**
 * The page with the outputs as they are now.
 *
 * @param {string} page
 */
export function refreshOutputs(page) {
  return readExamples(page)
    .toReversed()
    .reduce((text, { files, output }) => {
      if (output === undefined) return text;
      return text.slice(0, output.start) + renderOutput(files) + text.slice(output.end);
    }, page);
}
