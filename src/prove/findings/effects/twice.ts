import { describeEnding } from "../../facts/ending.js";
import { isTwice } from "../../facts/effects.js";
import type { EffectFacts } from "../facts.js";
import type { Rule } from "../rule.js";
import { sightEffects } from "./sight.js";

export const twice: Rule<EffectFacts> = {
  id: "effects/twice",
  severity: "error",
  title: "requests that were sent once took effect twice (`--effects`)",
  cause:
    "Each was sent once by its client, and carried out more than once. Something between them sent it again when an instance went without an answer: a proxy that retries what it must not repeat (HAProxy `retry-on all-retryable-errors`, nginx `proxy_next_upstream non_idempotent`), a service mesh, a queue that delivers again; or the service itself took up once more at its stop what was still running.",
  next: "Do not let a proxy repeat a POST that may have arrived (HAProxy: `http-request disable-l7-retry if METH_POST`; nginx: without `non_idempotent`), stop instances so that nothing has to be repeated, and make what must not happen twice know its own id: an idempotency key with a unique index.",
  explainedBy: [],
  find: (facts) => {
    const { counts, requests } = facts;
    return sightEffects(
      facts,
      requests.filter(({ id }) => isTwice(id, counts)),
      {
        what: (count) => `${count} took effect more than once`,
        how: ({ id, outcome, kind, status }) => {
          const end = outcome === "ok" ? `was answered ${String(status)}` : describeEnding(kind);
          return `took effect ${String(counts.get(id))} times and ${end}`;
        },
      },
    );
  },
};
