import { describeEnding } from "../../facts/ending.js";
import { sortEffects } from "../../facts/effects.js";
import type { EffectFacts } from "../facts.js";
import type { Rule } from "../rule.js";
import { sightEffects } from "./sight.js";

export const lost: Rule<EffectFacts> = {
  id: "effects/lost",
  severity: "error",
  title: "requests took effect, and their clients saw them fail (`--effects`)",
  cause:
    "The service had carried them out, or went on to, and its answer never arrived: the connection was cut in between. Their clients believe that nothing has happened. One that tries again does it twice, one that gives up leaves something behind of which no one knows.",
  next: "Let what has begun be answered before its connection goes: wait for requests in flight at the stop, and say close on answers instead of closing idle connections under a request. For what is left give each order an idempotency key, so that a client can ask again.",
  explainedBy: [],
  find: (facts) => {
    const { counts, requests } = facts;
    const rows = sortEffects(requests, counts).flatMap(([row, effect]) =>
      effect === "lost" ? [row] : [],
    );
    return sightEffects(facts, rows, {
      what: (count) => `${count} took effect without an answer`,
      how: ({ kind }) => `took effect and ${describeEnding(kind)}`,
    });
  },
};
