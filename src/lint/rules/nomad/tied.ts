import type { Deployment } from "../../model/deployment.js";
import type { Workload } from "../../model/workload.js";

/** The workload of a task with its program. */
export function findTied({ workloads }: Deployment, { spot }: Workload): Workload | undefined {
  return workloads.find(
    (one) =>
      one.platform === "nomad" && one.spot.file === spot.file && one.spot.start === spot.start,
  );
}
