import type { InspectionEntry, InspectionResult } from "../../facts/inspection.js";
import { findInspection, nameEntry, sightEntries, tellEntries } from "../inspected.js";
import type { Rule, Sighting } from "../rule.js";

export const ignoresAbort: Rule<InspectionResult> = {
  id: "handler/ignores-abort",
  severity: "error",
  title: "a request handler goes on with its work when no client waits for the answer any more",
  cause:
    "The client left, or the service gave the request up, and the work begun for it was not told: a sleep, an outgoing request, a file, a child process or a query that got no signal. In a stop it holds the process, or is cut in the middle.",
  next: "Make an `AbortController` for each request, abort it when the response's `close` comes and when the service stops, and pass its signal to what the named line calls: `setTimeout` of `node:timers/promises`, `fetch`, `http.request`, `pipeline`, `spawn`, the database's client.",
  explainedBy: [],
  find: (inspection: InspectionResult): Sighting | undefined => {
    const left = findInspection(inspection, "client-leaves");
    const stopped = findInspection(inspection, "stop-passes");
    const lived = new Set(left?.entries.map(nameEntry));
    const judged = new Set(left?.judged);
    // A handler that lets go when its client leaves is not to blame for a service that never cut it.
    const isToBlame = (entry: InspectionEntry): boolean =>
      entry.after !== "signal" || lived.has(nameEntry(entry)) || !judged.has(entry.route);
    const ignored = stopped === undefined ? [] : stopped.entries.filter(isToBlame);
    const told = tellEntries([
      ...(left === undefined ? [] : [left]),
      ...(stopped === undefined ? [] : [{ ...stopped, entries: ignored }]),
    ]);
    return sightEntries(told);
  },
};
