import type { StopFacts } from "../facts.js";
import type { Rule, Sighting } from "../rule.js";
import { showFact } from "../say.js";
import { CUT_KINDS, leftAt, lossesOf } from "../stopped.js";

export const codeNotZero: Rule = {
  id: "exit/code-not-zero",
  severity: "error",
  title: "the process stops in order and exits with another code than 0",
  cause:
    "Nothing in flight was lost, and the exit code says failure: an error in a stop step, a non-zero `process.exit()`, or a runtime that ends itself by the signal again when it has finished (128 + n).",
  next: "Exit with 0 after an orderly stop. Where the runtime insists on 128 + n, tell your supervisor that this code is a success (systemd: `SuccessExitStatus=`).",
  explainedBy: [
    "signal/never-arrived",
    "exit/died-of-signal",
    "exit/raised-again",
    "signal/repeat-cuts",
    "exit/at-once",
    "process/left-children",
  ],
  find: (facts: StopFacts): Sighting | undefined => {
    const { stop, trial } = facts;
    const { code, signal } = stop.exit;
    const left = leftAt(facts);
    if (code === null || code === 0 || left === null || stop.timeline.signalledAgainMs !== null)
      return undefined;
    // A service that lost something and says so is right.
    if (lossesOf(facts, [...CUT_KINDS, "h2", "websocket"]).length > 0) return undefined;
    const how = signal === null ? "" : ` (ended by ${signal})`;
    const what = `exited with ${String(code)}${how}, with nothing in flight lost`;
    return { what, count: 1, evidence: [showFact(trial, what, left)] };
  },
};
