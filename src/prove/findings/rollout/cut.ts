import type { RolloutFacts } from "../facts.js";
import type { Rule } from "../rule.js";
import { lossesOf, sightRollout } from "./losses.js";

export const cut: Rule<RolloutFacts> = {
  id: "rollout/cut",
  severity: "error",
  title: "requests in progress are cut while a command runs (`--during`)",
  cause:
    "An instance had these requests, and went before it had answered them: it does not wait for what is in flight, or was killed at the end of a grace period that is too short.",
  next: "Wait for the requests in flight before connections are closed, and grant the time that they need. To see what holds or cuts them, prove the instance's stop by itself: `lastcall prove --slow 'GET /report' -- <command>`.",
  explainedBy: [],
  find: (facts) =>
    sightRollout(facts, lossesOf(facts, "cut"), (count) => `${count} cut in progress`),
};
