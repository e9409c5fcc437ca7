import { chainOf } from "../../chain/surroundings.js";
import type { Deployment } from "../../model/deployment.js";
import { isNodeService } from "../../platforms/systemd/is-node.js";
import { listServices, type SystemdService } from "../../platforms/systemd/systemd.js";
import type { Fault, Rule } from "../rule.js";

/** `systemd/kill-mode` */
export const killMode: Rule = {
  id: "systemd/kill-mode",
  severity: "error",
  title: "systemd signals only a part of the service, or nothing of it",
  cause:
    "With `none` nothing is signalled: the old program keeps its port, and the new one cannot start. With `process` only the first process is told to stop, and nothing ends those that it has started.",
  next: "Remove `KillMode`: all processes of the service get the signal then.",
  *check(deployment) {
    for (const service of deployment.project.once(listServices)) {
      const fault = judge(deployment, service);
      if (fault !== undefined) yield fault;
    }
  },
};

function judge({ project }: Deployment, { unit, workload }: SystemdService): Fault | undefined {
  const written = unit.last("KillMode");
  if (written === undefined || !isNodeService(project, workload)) return undefined;
  const { value, valueSpot } = written;
  const edit = { spot: valueSpot, text: "control-group" };
  if (value === "none")
    return { spot: valueSpot, what: "KillMode=none: a stop signals no process", edit };
  // A wrapper that gets the signal alone is a matter of signal/*.
  const isWrapped = chainOf(project, workload)?.links.some(({ kind }) => kind !== "init") ?? true;
  if (value !== "process" || isWrapped) return undefined;
  const what = "KillMode=process: what the program has started is left behind";
  return { spot: valueSpot, what, severity: "warning", edit };
}
