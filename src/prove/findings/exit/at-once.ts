import { formatDuration } from "../../facts/duration.js";
import { measureDelay } from "../delay.js";
import type { StopFacts } from "../facts.js";
import type { Loss } from "../loss.js";
import type { Rule, Sighting } from "../rule.js";
import { countOf, howItEnded, sightLosses } from "../say.js";
import {
  CUT_KINDS,
  EXIT_MS,
  hasSaidGoodbye,
  isDefaultAction,
  leftAt,
  lossesOf,
} from "../stopped.js";

/** Time to deliver a signal and to exit, and too little to be called an orderly stop. */
const AT_SIGNAL_MS = 500;
/** Nothing was waited for at all: whatever was lost, was lost to that. */
const GONE_MS = 100;

export const atOnce: Rule = {
  id: "exit/at-once",
  severity: "error",
  title: "the process leaves at the signal, with everything in flight",
  cause:
    "The process ends itself as soon as it gets the signal, or closes every connection, so that nothing keeps it. Requests in progress are cut, and new ones are refused while the balancer still sends them.",
  next: "Do not call `process.exit()` (`os._exit`, `os.Exit`) from the signal listener. Say close, stop accepting when the balancer has let go, wait for what is in flight, and let the process end.",
  explainedBy: [
    "signal/never-arrived",
    "exit/died-of-signal",
    "exit/raised-again",
    "signal/repeat-cuts",
  ],
  find: (facts: StopFacts): Sighting | undefined => {
    const left = leftAt(facts);
    if (left === null || isDefaultAction(facts)) return undefined;
    const delay = measureDelay(facts.requests);
    const isGone = left < GONE_MS + delay;
    // A goodbye that is followed by the exit on the spot is none.
    if (!isGone && (left >= AT_SIGNAL_MS + delay || hasSaidGoodbye(facts))) return undefined;
    const { refused, queued, h2, websocket } = facts.losses;
    const { had, crossed } = findAtExit(facts, left, EXIT_MS + delay);
    const others = isGone ? [...refused, ...queued, ...h2, ...websocket] : [];
    // What merely crossed the close was not in progress; `slow` requests are, at the signal.
    const wasAtWork = had.length > 0 || crossed.some(({ row }) => row.client === "slow");
    if (!isGone && !wasAtWork) return undefined;
    return sightLosses([...had, ...crossed, ...others], {
      what: (count) =>
        `exited ${formatDuration(left)} after the signal, and ${countOf(count, "request", ["was", "were"])} ${isGone ? "lost" : "cut"} by it`,
      how: howItEnded,
    });
  },
};

/** What was lost when it exited: in progress, or on its way. */
function findAtExit(
  facts: StopFacts,
  left: number,
  within: number,
): { readonly had: readonly Loss[]; readonly crossed: readonly Loss[] } {
  const isAtExit = ({ atMs }: Loss): boolean => Math.abs(left - atMs) < within;
  return {
    had: lossesOf(facts, CUT_KINDS).filter(isAtExit),
    crossed: facts.losses.crossed.filter(isAtExit),
  };
}
