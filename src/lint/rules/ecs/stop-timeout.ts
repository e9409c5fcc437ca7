import { listContainers } from "../../platforms/ecs/ecs.js";
import { sayTime, sayValue } from "../../source/value.js";
import type { Rule } from "../rule.js";

const MOST_ON_FARGATE = 120_000;
const LEAST = 10_000;

/** `ecs/stop-timeout` */
export const stopTimeout: Rule = {
  id: "ecs/stop-timeout",
  severity: "warning",
  title: "the time that ECS gives the container to stop is more than it allows, or too little",
  cause:
    "Fargate refuses a task definition whose `stopTimeout` is over 120 seconds. One under ten seconds cuts what is in flight for longer, at every deployment.",
  next: "Set `stopTimeout` to 30, or to what the program's stop may take.",
  *check({ project }) {
    for (const { isFargate, workload } of project.once(listContainers)) {
      const { grant, name, isServed } = workload;
      if (grant === null || !grant.isExplicit) continue;
      if (isFargate && grant.value > MOST_ON_FARGATE) {
        yield {
          spot: grant.spot,
          what: `${name}: ${sayValue(grant)} > ${sayTime(MOST_ON_FARGATE)}, the most that Fargate takes`,
          severity: "error",
          next: "Set `stopTimeout` to 120, and let the program stop within that.",
          edit: { spot: grant.spot, text: "120" },
        };
      } else if (isServed && grant.value < LEAST) {
        yield {
          spot: grant.spot,
          what: `${name}: ${sayValue(grant)} < ${sayTime(LEAST)}, and the container has ports`,
          edit: { spot: grant.spot, text: "30" },
        };
      }
    }
  },
};
