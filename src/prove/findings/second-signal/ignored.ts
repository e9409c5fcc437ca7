import { formatDuration } from "../../facts/duration.js";
import type { StopFacts } from "../facts.js";
import type { Rule, Sighting } from "../rule.js";
import { afterSignal, nameSignal, showFact } from "../say.js";
import { AT_ONCE_MS } from "../stopped.js";

export const ignored: Rule = {
  id: "second-signal/ignored",
  severity: "error",
  title: "a second signal does not end the wait",
  cause:
    "A second signal asks for the end of the wait: from a person at Ctrl-C, a supervisor in a hurry. The process took no notice and went on draining.",
  next: "At the second signal cut what is left and exit with 128 + n. Removing the listener after the first signal is enough: the system's default action then ends the process.",
  explainedBy: ["signal/never-arrived", "signal/ignored"],
  find: ({ stop, trial, held }: StopFacts): Sighting | undefined => {
    const again = stop.timeline.signalledAgainMs;
    const took = stop.exit.afterSecondSignalMs;
    if (again === null || (took !== null && took < AT_ONCE_MS)) return undefined;
    const end = held === null ? "exited" : "was killed";
    const what = `${end} ${formatDuration(took ?? 0)} after the second ${nameSignal(stop)}, which should end it at once`;
    return {
      what,
      count: 1,
      evidence: [showFact(trial, `second ${nameSignal(stop)} ${afterSignal(again)}`, again)],
    };
  },
};
