import { chainOf } from "../../chain/surroundings.js";
import type { Deployment } from "../../model/deployment.js";
import type { Workload } from "../../model/workload.js";
import { isOwnImage } from "../../tie/image-names.js";

/** The workload of a task with its program. */
export function findTied({ workloads }: Deployment, { spot }: Workload): Workload | undefined {
  return workloads.find(
    (one) =>
      one.platform === "nomad" && one.spot.file === spot.file && one.spot.start === spot.start,
  );
}

/** Whether it may be a service of Node's: no image that others make, and no other program. */
export function mayBeNode({ project }: Deployment, workload: Workload): boolean {
  const { imageName, command } = workload;
  if (imageName !== null) return isOwnImage(imageName.value);
  if (command === null) return false;
  const chain = chainOf(project, workload);
  return (
    /^(?:node|tsx|bun|deno)$/.test(chain?.program?.name ?? "") ||
    (chain?.links.some(({ kind }) => kind === "package-manager") ?? false)
  );
}
