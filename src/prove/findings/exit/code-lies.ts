import { constants } from "node:os";
import type { StopFacts } from "../facts.js";
import type { Rule, Sighting } from "../rule.js";
import { countOf, howItEnded, showFact, sightLosses } from "../say.js";
import { CUT_KINDS, leftAt, isAtDeadline, lossesOf } from "../stopped.js";

export const codeLies: Rule = {
  id: "exit/code-lies",
  severity: "error",
  title: "the exit code says that all went well, and it did not",
  cause:
    "The process gave up, at a deadline of its own or at a second signal, and said 0 as if it had finished. What watches exit codes does not learn that something was lost.",
  next: "Exit with 0 only when everything in flight was finished; with 1 after a deadline, and with 128 + n after a second signal.",
  explainedBy: ["signal/never-arrived", "exit/at-once", "second-signal/ignored"],
  find: (facts: StopFacts): Sighting | undefined => {
    if (leftAt(facts) === null) return undefined;
    return facts.stop.timeline.signalledAgainMs === null ? findGivenUp(facts) : findForced(facts);
  },
};

function findGivenUp(facts: StopFacts): Sighting | undefined {
  if (facts.stop.exit.code !== 0) return undefined;
  const lost = lossesOf(facts, CUT_KINDS).filter((loss) => isAtDeadline(facts, loss));
  return sightLosses(lost, {
    what: (count) => `exited with 0, and ${countOf(count, "request", ["was", "were"])} cut`,
    how: howItEnded,
  });
}

/** Told twice it was forced, and has to say so. */
function findForced({ stop, trial, exitMs }: StopFacts): Sighting | undefined {
  const { exit, signal } = stop;
  const { code } = exit;
  if (signal === null) return undefined;
  const honest = 128 + constants.signals[signal];
  if (code === null || code === honest) return undefined;
  const what = `exited with ${String(code)} after a second ${signal}, which should have been ${String(honest)}`;
  return { what, count: 1, evidence: [showFact(trial, what, exitMs)] };
}
