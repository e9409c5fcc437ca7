import type { RolloutFacts } from "../facts.js";
import type { Rule } from "../rule.js";
import { lossesOf, sightRollout } from "./losses.js";

export const keepaliveRace: Rule<RolloutFacts> = {
  id: "rollout/keepalive-race",
  severity: "error",
  title: "requests cross the close of their kept-alive connection (`--during`)",
  cause:
    "An instance, or the proxy before it, closed connections as idle while requests were on their way on them (RFC 9112 §9.5). Their clients cannot know whether they were executed, and must not repeat a POST.",
  next: "Say `Connection: close` on every answer from the signal on, and close a connection only when it has been silent for longer than a round trip. Where a proxy is before it, give its idle connections a shorter time-out than the instance has.",
  explainedBy: [],
  find: (facts) =>
    sightRollout(
      facts,
      lossesOf(facts, "race"),
      (count) => `${count} crossed the close of a kept-alive connection`,
    ),
};
