import type { RolloutFacts } from "../facts.js";
import type { Rule } from "../rule.js";
import { lossesOf, sightRollout } from "./losses.js";

/** What proxies say of an upstream: gone, none left, too slow. */
const PROXYS: ReadonlySet<number | null> = new Set([502, 503, 504]);

export const answered5xx: Rule<RolloutFacts> = {
  id: "rollout/answered-5xx",
  severity: "error",
  title: "requests are answered with an error while a command runs (`--during`)",
  cause:
    "A 502 or 504 is a proxy's word for an instance that refused it, or went with its request; a 503 says that it knows of none. Another status is an instance's own: it refuses work while it stops, or has closed what the work needs.",
  next: "Let the proxy take an instance out before it stops, and the instance serve until then. Let the proxy try again what was never sent; what was sent it may repeat only when the method allows it.",
  explainedBy: [],
  find: (facts) => {
    const lost = lossesOf(facts, "wrong");
    const isProxys = lost.some(({ status }) => PROXYS.has(status));
    const statuses = [...new Set(lost.map(({ status }) => String(status)))].join(", ");
    const by = isProxys ? ", as a proxy does whose upstream has gone" : "";
    return sightRollout(facts, lost, (count) => `${count} answered ${statuses}${by}`);
  },
};
