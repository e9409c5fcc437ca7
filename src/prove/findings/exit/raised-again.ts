import { formatDuration } from "../../facts/duration.js";
import type { StopFacts } from "../facts.js";
import type { Rule, Sighting } from "../rule.js";
import { afterSignal, countOf, showFact } from "../say.js";
import { CUT_KINDS, isRaisedAgain, leftAt, lossesOf } from "../stopped.js";

/** What comes later has waited for something, and has its own faults. */
const SOON_MS = 500;

export const raisedAgain: Rule = {
  id: "exit/raised-again",
  severity: "error",
  title: "a listener raises the signal again, which ends the process with everything in flight",
  cause:
    "Something in the process listens for the signal, does its own work, takes its listener away and sends the process the same signal again, as programs should that want to be seen as ended by it. With no listener left that ends the process on the spot, whatever it is at.",
  next: "Look for what raises the signal: packages that clean up at the exit (signal-exit and all that use it), stop wrappers of servers, `process.kill(process.pid, signal)`. It must wait for the server's own stop, or leave the exit to it.",
  explainedBy: ["signal/never-arrived", "signal/repeat-cuts"],
  find: (facts: StopFacts): Sighting | undefined => {
    const { stop, trial } = facts;
    const left = leftAt(facts);
    const { signal } = stop.exit;
    if (left === null || left >= SOON_MS || signal === null) return undefined;
    if (!isRaisedAgain(facts)) return undefined;
    const lost = lossesOf(facts, [...CUT_KINDS, "crossed", "refused", "queued"]).length;
    if (lost === 0) return undefined;
    const what = `ended by ${signal} ${formatDuration(left)} after it was sent, having gone on in between: ${countOf(lost, "request", ["was", "were"])} lost`;
    const evidence = [showFact(trial, `ended by ${signal} ${afterSignal(left)}`, left)];
    return { what, count: lost, evidence };
  },
};
