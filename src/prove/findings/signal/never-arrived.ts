import { formatDuration } from "../../facts/duration.js";
import type { StopFacts } from "../facts.js";
import type { Rule, Sighting } from "../rule.js";
import { nameSignal, showFact } from "../say.js";
import { hasClosedListener, hasSaidGoodbye } from "../stopped.js";

export const neverArrived: Rule = {
  id: "signal/never-arrived",
  severity: "error",
  title: "the signal ended or stayed in a wrapper, and the server never learnt of it",
  cause:
    "The started process is not the server but a wrapper, such as `npm start` or a shell. It took the signal and passed nothing on, so the server serves until it is killed, with everything in flight.",
  next: "Start the server itself: `node server.js` in place of `npm start`, `exec` before the last command of a shell script, the exec form of CMD and ENTRYPOINT; or an init that passes signals on, such as tini.",
  explainedBy: [],
  find: (facts: StopFacts): Sighting | undefined => findLeft(facts) ?? findKept(facts),
};

/** The wrapper has ended, and what it left is serving. */
function findLeft({ trial, stop }: StopFacts): Sighting | undefined {
  const { orphans, afterSignalMs: exitMs } = stop.exit;
  if (exitMs === null || orphans?.isServing !== true) return undefined;
  const { started, left } = orphans;
  const processes = left.map(({ pid, command }) => `\`${command}\` (pid ${String(pid)})`);
  const survivors = processes.length === 0 ? "a process outside its group" : processes.join(", ");
  const wrapper = `\`${started.command}\` (pid ${String(started.pid)})`;
  const what = `${wrapper} took ${nameSignal(stop)}, exited after ${formatDuration(exitMs)} and left ${survivors} serving`;
  return { what, count: 1, evidence: [showFact(trial, what, exitMs)] };
}

/** The wrapper lives on, and another process that listens has not noticed anything. */
function findKept(facts: StopFacts): Sighting | undefined {
  const { trial, stop, held, asked } = facts;
  // Each of a group was told.
  if (asked.signalGroup) return undefined;
  if (held === null || held.hasListener !== false || held.processes.length === 0) return undefined;
  if (hasSaidGoodbye(facts) || hasClosedListener(facts)) return undefined;
  const processes = held.processes.map(({ pid, command }) => `\`${command}\` (pid ${String(pid)})`);
  const signal = nameSignal(stop);
  const what = `the started process, which does not listen itself, kept ${signal}, and ${processes.join(", ")} served on to the end of the grace period`;
  return { what, count: 1, evidence: [showFact(trial, what, asked.grace)] };
}
