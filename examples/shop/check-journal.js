// @ts-check

/**
 * @typedef {object} JournalCheck
 * @property {number} answered orders whose client read a whole 201
 * @property {number} lines orders in the journal
 * @property {number} missing answered, and not in the journal
 * @property {number} twice in the journal more than once
 * @property {number} unanswered in the journal, and their client was never told
 */

/**
 * Compares what the shop's clients were told with what the shop wrote down. An order carries the id
 * of its request.
 *
 * @param {readonly import("#src/prove/index.js").RequestRow[]} rows
 * @param {string} journal
 * @returns {JournalCheck}
 */
export function checkJournal(rows, journal) {
  // After the last line break is nothing, or the torn line of a process that was killed.
  const written = journal.split("\n").slice(0, -1).map(readId);
  const answered = rows.filter(isPlaced).map(({ id }) => id);
  const inJournal = new Set(written);
  const told = new Set(answered);
  return {
    answered: answered.length,
    lines: written.length,
    missing: answered.filter((id) => !inJournal.has(id)).length,
    twice: written.length - inJournal.size,
    unanswered: [...inJournal].filter((id) => !told.has(id)).length,
  };
}

/** @param {string} line */
function readId(line) {
  return String(JSON.parse(line).id);
}

/** @param {import("#src/prove/index.js").RequestRow} row */
function isPlaced({ method, path, outcome, status }) {
  return method === "POST" && path === "/orders" && outcome === "ok" && status === 201;
}
