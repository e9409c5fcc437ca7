import { formatDuration } from "../../facts/duration.js";
import type { StopFacts } from "../facts.js";
import type { Rule, Sighting } from "../rule.js";
import { afterSignal, showFact } from "../say.js";
import { CUT_KINDS, isDefaultAction, leftAt, lossesOf } from "../stopped.js";

export const diedOfSignal: Rule = {
  id: "exit/died-of-signal",
  severity: "error",
  title: "nothing listens for the signal: the process is ended by it, with everything in flight",
  cause:
    "Nothing in the process listens for the signal, so the system's default action ends it on the spot: requests in progress are cut, and connections in the accept queue are reset. A listener that does no more than raise the signal again looks the same from outside.",
  next: "Listen for the signal and stop in order: say close, stop accepting, finish what is in flight, then exit with 0.",
  explainedBy: ["signal/never-arrived", "signal/repeat-cuts"],
  find: (facts: StopFacts): Sighting | undefined => {
    const { stop, trial } = facts;
    const left = leftAt(facts);
    const { signal } = stop.exit;
    if (left === null || signal === null || !isDefaultAction(facts)) return undefined;
    const lost = lossesOf(facts, [...CUT_KINDS, "crossed", "refused"]).length;
    const what = `ended by ${signal} ${formatDuration(left)} after it was sent, with ${String(lost)} requests lost`;
    const evidence = [showFact(trial, `ended by ${signal} ${afterSignal(left)}`, left)];
    return { what, count: Math.max(1, lost), evidence };
  },
};
