import { constants } from "node:os";
import { formatDuration } from "../../facts/duration.js";
import { measureDelay } from "../delay.js";
import type { StopFacts } from "../facts.js";
import type { Rule, Sighting } from "../rule.js";
import { afterSignal, amountOf, nameSignal, showFact } from "../say.js";
import { CUT_KINDS, leftAt, lossesOf } from "../stopped.js";

/** A service that leaves so soon after it was told again left because of that. */
const SOON_MS = 250;

export const repeatCuts: Rule = {
  id: "signal/repeat-cuts",
  severity: "error",
  title: "the same stop, told twice, is taken for an order to give up",
  cause:
    "One stop is often told twice within some milliseconds: npm and pnpm pass on what a terminal or systemd has sent to the whole group, nodemon, dumb-init and foreman do it by themselves. The service took the second signal for that of a person who has lost patience, and cut what was in flight.",
  next: "Take signals that come within 250 ms of the first for the same stop, less than a person needs for the second one; only a later one means: give up. A listener that was registered with `once` leaves the second signal to the system, which ends the process.",
  explainedBy: ["signal/never-arrived"],
  find: (facts: StopFacts): Sighting | undefined => {
    const { repeatedMs, trial, stop, requests } = facts;
    const left = leftAt(facts);
    if (repeatedMs === null || left === null || left < repeatedMs) return undefined;
    if (left - repeatedMs > SOON_MS + measureDelay(requests, repeatedMs)) return undefined;
    const lost = lossesOf(facts, [...CUT_KINDS, "crossed", "refused", "queued", "h2", "websocket"]);
    const { code, signal } = stop.exit;
    const forced = stop.signal === null ? null : 128 + constants.signals[stop.signal];
    if (lost.length === 0 && code !== forced) return undefined;
    const known = code === null ? "" : ` with ${String(code)}`;
    const how = signal === null ? known : ` by ${signal}`;
    const what = `ended${how} ${formatDuration(left - repeatedMs)} after the same ${nameSignal(stop)} came again, and ${amountOf(lost.length, "request")} lost`;
    const evidence = [
      showFact(trial, `${nameSignal(stop)} again ${afterSignal(repeatedMs)}`, repeatedMs),
      showFact(trial, `exit ${afterSignal(left)}`, left),
    ];
    return { what, count: Math.max(1, lost.length), evidence };
  },
};
