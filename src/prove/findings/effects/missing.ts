import { sortEffects } from "../../facts/effects.js";
import type { EffectFacts } from "../facts.js";
import type { Rule } from "../rule.js";
import { sightEffects } from "./sight.js";

export const missing: Rule<EffectFacts> = {
  id: "effects/missing",
  severity: "error",
  title: "requests were answered as done, and nothing was done (`--effects`)",
  cause:
    "They were answered with success, and what others of their kind leave behind is not there. The answer went out before the work was safe: in a buffer that is written from time to time, in a queue in memory, in a promise that nothing waits for. The stop ended the process with it.",
  next: "Answer when the work is safe, or have the stop wait for it: flush buffers and wait for work in the background as a step of the stop, after the last request and before the exit.",
  explainedBy: [],
  find: (facts) => {
    const { counts, requests } = facts;
    const rows = sortEffects(requests, counts).flatMap(([row, effect]) =>
      effect === "missing" ? [row] : [],
    );
    return sightEffects(facts, rows, {
      what: (count) => `${count} took no effect, having been answered as done`,
      how: ({ status }) => `was answered ${String(status)} and took no effect,`,
    });
  },
};
