import type { StopFacts } from "../facts.js";
import type { Loss } from "../loss.js";
import type { Rule } from "../rule.js";
import { countOf, howItEnded, sightLosses } from "../say.js";
import { splitCrossed } from "./unannounced.js";

/** One sweep through all connections closes the idle and the busy ones together. */
const SWEEP_MS = 100;

export const resetAfterSend: Rule = {
  id: "keepalive/reset-after-send",
  severity: "error",
  title: "requests on open connections cross the close of those connections",
  cause:
    "The service closed kept-alive connections as idle while requests were on their way on them (RFC 9112 §9.5). Their clients cannot know whether they were executed, and must not repeat a POST.",
  next: "Let idle connections linger: say close on every answer while the balancer lets go, serve what still arrives, and close a connection only when it has been silent for longer than a round trip. In Node, `server.close()` and `closeIdleConnections()` close them on the spot.",
  explainedBy: ["exit/at-once", "exit/died-of-signal", "exit/raised-again", "signal/repeat-cuts"],
  find: (facts: StopFacts) => {
    const sweeps = facts.losses.cut.map(({ atMs }) => atMs);
    const isSwept = ({ atMs }: Loss): boolean =>
      sweeps.some((sweep) => Math.abs(sweep - atMs) < SWEEP_MS);
    const lost = splitCrossed(facts).told.filter((loss) => !isSwept(loss));
    return sightLosses(lost, {
      what: (count) =>
        `${countOf(count, "request", ["was", "were"])} lost on connections that the service closed as idle`,
      how: howItEnded,
    });
  },
};
