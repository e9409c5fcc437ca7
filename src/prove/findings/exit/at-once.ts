import { measureDelay } from "../delay.js";
import type { StopFacts } from "../facts.js";
import type { Loss } from "../losses.js";
import type { Rule, Sighting } from "../rule.js";
import { countOf, howItEnded, sightLosses } from "../say.js";
import { formatDuration } from "../../duration.js";
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

export const atOnce: Rule = {
  id: "exit/at-once",
  severity: "error",
  title: "the process leaves at the signal, with everything in flight",
  cause:
    "The process ends itself as soon as it gets the signal, or closes every connection, so that nothing keeps it. Requests in progress are cut, and new ones are refused while the balancer still sends them.",
  next: "Do not call `process.exit()` (`os._exit`, `os.Exit`) from the signal listener. Say close, stop accepting when the balancer has let go, wait for what is in flight, and let the process end.",
  explainedBy: ["signal/never-arrived", "exit/died-of-signal"],
  find: (facts: StopFacts): Sighting | undefined => {
    const left = leftAt(facts);
    if (left === null || isDefaultAction(facts)) return undefined;
    const delay = measureDelay(facts.requests);
    if (left >= AT_SIGNAL_MS + delay) return undefined;
    if (hasSaidGoodbye(facts)) return undefined;
    const isAtExit = ({ atMs }: Loss): boolean => Math.abs(left - atMs) < EXIT_MS + delay;
    const had = lossesOf(facts, CUT_KINDS).filter(isAtExit);
    const crossed = facts.losses.crossed.filter(isAtExit);
    // What merely crossed the close was not in progress; `slow` requests are, at the signal.
    if (had.length === 0 && !crossed.some(({ row }) => row.client === "slow")) return undefined;
    return sightLosses([...had, ...crossed], {
      what: (count) =>
        `exited ${formatDuration(left)} after the signal, and ${countOf(count, "request", ["was", "were"])} cut by it`,
      how: howItEnded,
    });
  },
};
