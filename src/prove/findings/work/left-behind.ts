import type { InspectionResult } from "../../facts/inspection.js";
import { findInspection, sightEntries, tellEntries } from "../inspected.js";
import type { Rule, Sighting } from "../rule.js";

export const leftBehind: Rule<InspectionResult> = {
  id: "work/left-behind",
  severity: "error",
  title: "work that a request started and that is not waited for is cut by the exit",
  cause:
    "The request was answered while something it had begun went on: a promise that is not awaited, a timer, a child process. The stop waits for requests, not for these, so the process ends in the middle of them.",
  next: "Await the work before the answer, or keep it in a list that the stop waits for (with lastcall `service.waitUntil(promise)`), and give it a signal so that it can be told to end. A timer that nothing depends on says so with `unref()`.",
  explainedBy: [
    "signal/never-arrived",
    "exit/died-of-signal",
    "exit/raised-again",
    "signal/repeat-cuts",
    "exit/at-once",
  ],
  find: (inspection: InspectionResult): Sighting | undefined => {
    const answered = findInspection(inspection, "after-answer");
    const told = answered === undefined ? [] : tellEntries([answered]);
    return sightEntries(told);
  },
};
