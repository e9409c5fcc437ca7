import { formatDuration } from "../../facts/duration.js";
import type { ReportedDrain } from "../../facts/result.js";
import type { StopFacts } from "../facts.js";
import type { Loss } from "../loss.js";
import type { Rule, Sighting } from "../rule.js";
import { countOf, howItEnded, MAX_EVIDENCE, showFact, showLoss } from "../say.js";
import { CUT_KINDS, leftAt, lossesOf } from "../stopped.js";

/** What the service had, or had accepted: it could know of these. */
const ITS_OWN = [...CUT_KINDS, "crossed", "expect", "websocket", "h2", "killed"] as const;

export const saysClean: Rule = {
  id: "report/says-clean",
  severity: "error",
  title: "the drain report says clean, and clients have lost requests",
  cause:
    "The service's own report of its stop (lastcall's, on stderr) says that all went well, and its clients saw requests fail that the service had: something cuts connections of which the report's counts know nothing, such as a process that is ended from elsewhere, a server that was not attached, a `server.closeAllConnections()` in a listener of its own, or a report that was written before the end.",
  next: "Attach every server (`service.attach()`), leave connections and the exit to the drain, and register what else has to stop as a hook. When nothing of that is it, the report is wrong: report it, with the `--ledger` of this run.",
  explainedBy: ["signal/never-arrived"],
  find: (facts: StopFacts): Sighting | undefined => {
    const { stop, trial, asked } = facts;
    const { reports } = stop;
    const [report] = reports;
    if (report === undefined || reports.some(({ outcome }) => outcome !== "clean"))
      return undefined;
    const lost = asked.secondSignal === null ? withoutLetGo(lossesOf(facts, ITS_OWN), reports) : [];
    if (lost.length === 0) return undefined;
    const { service, durationMs, unfinished } = report;
    const says = `the report of \`${service}\` says clean after ${formatDuration(durationMs)}, with ${String(unfinished)} unfinished`;
    return {
      what: `${says}, and ${countOf(lost.length, "request", ["was", "were"])} lost`,
      count: lost.length,
      evidence: [
        showFact(trial, says, leftAt(facts)),
        ...lost.slice(0, MAX_EVIDENCE).map((loss) => showLoss(loss, howItEnded)),
      ],
    };
  },
};

/** Event streams that the report counts as let go are none of which it knows nothing. */
function withoutLetGo(losses: readonly Loss[], reports: readonly ReportedDrain[]): readonly Loss[] {
  const letGo = reports.reduce((sum, report) => sum + report.letGo, 0);
  const streams = losses.filter(({ row }) => row.client === "events");
  const known = new Set(streams.slice(0, letGo));
  return losses.filter((loss) => !known.has(loss));
}
