import type { Deployment } from "../../model/deployment.js";
import type { Workload } from "../../model/workload.js";
import { listContainers, type Container } from "../../platforms/kubernetes/kubernetes.js";

/** A container with its tied workload. */
export interface Tied extends Container {
  readonly workload: Workload;
}

/** Every container, with what its image and its program are. */
export function listTied({ project, workloads }: Deployment): readonly Tied[] {
  const own = new Map(
    workloads.filter(({ platform }) => platform === "kubernetes").map((one) => [keyOf(one), one]),
  );
  return project.once(listContainers).map((container) => ({
    ...container,
    workload: own.get(keyOf(container.workload)) ?? container.workload,
  }));
}

function keyOf({ spot, name }: Workload): string {
  return `${spot.file} ${spot.start} ${name}`;
}
