// @ts-check
import { WORDS } from "./list.mjs";

/** @typedef {import("./list.mjs").Word} Word */

/**
 * @typedef {object} Place
 * @property {number} line from 1
 * @property {string} text the whole line
 * @property {string} found
 * @property {Word} word
 */

/**
 * Every place of a text that has one of the words. In Markdown, code of samples is not looked at, except for its
 * comments: that is other people's language.
 *
 * @param {string} text
 * @param {{ isMarkdown: boolean }} kind
 * @param {readonly Word[]} [words]
 * @returns {Place[]}
 */
export function findWords(text, { isMarkdown }, words = WORDS) {
  const headings = isMarkdown ? headingsOf(text) : new Map();
  return text.split("\n").flatMap((line, at) =>
    words.flatMap((word) => {
      const looked = word.isOfHeadings === true ? headings.get(at) : line;
      const match = looked === undefined ? null : word.pattern.exec(looked);
      return match === null ? [] : [{ line: at + 1, text: line.trim(), found: match[0], word }];
    }),
  );
}

/**
 * The headings of a page by their line, without those inside code.
 *
 * @param {string} text
 * @returns {Map<number, string>}
 */
function headingsOf(text) {
  let fence = "";
  const headings = new Map();
  for (const [at, line] of text.split("\n").entries()) {
    const mark = /^(`{3,})/.exec(line)?.[1];
    if (mark !== undefined && (fence === "" || mark === fence)) fence = fence === "" ? mark : "";
    const heading = fence === "" ? /^#+ (.+)$/.exec(line)?.[1] : undefined;
    if (heading !== undefined) headings.set(at, heading);
  }
  return headings;
}
