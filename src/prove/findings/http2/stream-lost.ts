import type { StopFacts } from "../facts.js";
import type { Rule } from "../rule.js";
import { countOf, howItEnded, sightLosses } from "../say.js";

export const streamLost: Rule = {
  id: "http2/stream-lost",
  severity: "error",
  title: "HTTP/2 streams that GOAWAY promised to answer are lost",
  cause:
    "The session ended with streams at or below the last one that GOAWAY named. Their clients must take them for processed, and cannot send them again.",
  next: "After GOAWAY wait for the streams in flight: `session.close()` waits, `session.destroy()` cuts. Refuse what comes too late with REFUSED_STREAM.",
  explainedBy: [
    "exit/at-once",
    "exit/died-of-signal",
    "exit/raised-again",
    "signal/repeat-cuts",
    "inflight/cut",
  ],
  find: (facts: StopFacts) => {
    // Without a GOAWAY that is the cause, and has its own finding.
    const promised = facts.losses.h2.filter(
      ({ row }) => facts.connections.get(row.connection)?.saidCloseMs !== null,
    );
    return sightLosses(promised, {
      what: (count) => `${countOf(count, "stream", ["was", "were"])} lost after GOAWAY`,
      how: howItEnded,
    });
  },
};
