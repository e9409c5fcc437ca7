// @ts-check

/**
 * One run of the shop, from its start to its end.
 *
 * @typedef {object} Stopped
 * @property {string} file
 * @property {import("#src/prove/index.js").ProveResult} result
 * @property {import("./check-journal.js").JournalCheck} journal
 */

/**
 * Says what is not as it should be. The run without lastcall is the control: a load under which it
 * loses nothing would prove nothing about the other.
 *
 * @param {Stopped} without
 * @param {Stopped} withIt
 * @returns {string[]}
 */
export function judge(without, withIt) {
  const problems = [...judgeJournal(without), ...judgeJournal(withIt)];
  if (without.result.verdict !== "fail" || countLost(without) === 0) {
    problems.push(
      `expected ${without.file} to FAIL and drop requests; it dropped ${countLost(without)}, ${without.result.verdict}`,
    );
  }
  if (withIt.result.verdict !== "pass" || countLost(withIt) > 0) {
    problems.push(
      `expected ${withIt.file} to PASS and drop nothing; it dropped ${countLost(withIt)}, ${withIt.result.verdict}`,
    );
  }
  if (withIt.journal.unanswered > 0) {
    problems.push(
      `expected the client of every order in ${withIt.file}'s journal to have its 201; ${withIt.journal.unanswered} have not`,
    );
  }
  return problems;
}

/** @param {Stopped} stopped */
function judgeJournal({ file, journal }) {
  const problems = [];
  if (journal.answered === 0) problems.push(`${file}: no order was placed, which proves nothing`);
  if (journal.missing > 0)
    problems.push(`${file}: ${journal.missing} orders are not in its journal`);
  if (journal.twice > 0) problems.push(`${file}: ${journal.twice} orders are in its journal twice`);
  return problems;
}

/** @param {Stopped} stopped */
function countLost({ result: { requests } }) {
  return requests.dropped + requests.refused;
}
