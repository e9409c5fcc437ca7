import { isNodeService } from "../../platforms/systemd/is-node.js";
import { listServices } from "../../platforms/systemd/systemd.js";
import { sayValue } from "../../source/value.js";
import type { Rule } from "../rule.js";

// Within these a keep-alive connection can hardly be told, and a request of some length not be ended.
const LEAST = 3_000;

/** `systemd/grace-short` */
export const graceShort: Rule = {
  id: "systemd/grace-short",
  severity: "warning",
  title: "systemd kills the service after less than three seconds",
  cause:
    "What is in flight for longer than that is cut at every restart. systemd's own default is 90 seconds.",
  next: "Give it 30 seconds, or leave the default.",
  *check({ project }) {
    for (const { workload } of project.once(listServices)) {
      const { grant } = workload;
      if (grant === null || !grant.isExplicit || grant.value >= LEAST) continue;
      if (!isNodeService(project, workload) || (workload.application?.lastcall ?? null) !== null)
        continue;
      yield { spot: grant.spot, what: `${workload.name}: ${sayValue(grant)} < 3 s` };
    }
  },
};
