import type { RolloutFacts } from "../facts.js";
import type { Rule } from "../rule.js";
import { lossesOf, sightRollout } from "./losses.js";

export const refused: Rule<RolloutFacts> = {
  id: "rollout/refused",
  severity: "error",
  title: "connections are refused while others are answered (`--during`)",
  cause:
    "New connections were still sent to an instance that had stopped accepting: it closed its listener before the balancer had noticed. What was connected went on being served.",
  next: "Let the instance fail its readiness check and go on accepting until nothing is sent to it any more. To see it without the rollout, prove its stop by itself: `lastcall prove --lag 5s -- <command>`.",
  explainedBy: [],
  find: (facts) =>
    sightRollout(
      facts,
      lossesOf(facts, "refused"),
      (count) => `${count} found no connection while \`${facts.rollout.command}\` ran`,
    ),
};
