import type { StopFacts } from "../facts.js";
import { WRONG } from "../loss.js";
import type { Rule } from "../rule.js";
import { countOf, sightLosses } from "../say.js";

export const answered5xx: Rule = {
  id: "inflight/answered-5xx",
  severity: "error",
  title: "requests are answered with an error because the service stops",
  cause:
    "The service takes requests and answers them with an error because it stops: it refuses work while it still listens, or has closed what the work needs, such as its database.",
  next: "Serve normally until the listener is closed and the last request is answered, and only then close what requests need. To be left alone sooner, fail the readiness check, not the requests.",
  explainedBy: [],
  find: (facts: StopFacts) => {
    // A service that answers so anyway does not do it because it stops.
    if (facts.requests.some(({ kind, endMs }) => WRONG.has(kind) && endMs < 0)) return undefined;
    return sightLosses(facts.losses.wrong, {
      what: (count) => `${countOf(count, "request", ["was", "were"])} answered with an error`,
      how: ({ status }) => `was answered ${String(status)}`,
    });
  },
};
