import { sayTime, sayValue } from "../../source/value.js";
import type { Rule } from "../rule.js";

const LEAST = 10_000;

/** `fly/grace-short` */
export const graceShort: Rule = {
  id: "fly/grace-short",
  severity: "warning",
  title: "Fly kills the machine after less than ten seconds",
  cause:
    "Fly sends its signal and kills the machine when `kill_timeout` is over, five seconds by default. What is in flight for longer is cut at every deployment.",
  next: "Set `kill_timeout` to 30, or to what the program's stop may take.",
  *check({ workloads }) {
    for (const { platform, name, grant, isServed, application } of workloads) {
      if (platform !== "fly" || !isServed || grant === null || grant.value >= LEAST) continue;
      // budget/exceeds-grant has the whole sum for those.
      if ((application?.lastcall?.gracePeriod ?? null) !== null) continue;
      yield {
        spot: grant.spot,
        what: `${name}: ${sayValue(grant)} < ${sayTime(LEAST)}, and the app has a service`,
        ...(grant.isExplicit ? { edit: { spot: grant.spot, text: "30" } } : {}),
      };
    }
  },
};
