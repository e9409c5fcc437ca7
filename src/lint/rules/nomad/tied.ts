import { chainOf } from "../../chain/surroundings.js";
import type { Project } from "../../files/project.js";
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
export function mayBeNode(deployment: Deployment, workload: Workload): boolean {
  const { project } = deployment;
  const { imageName, command } = workload;
  if (imageName !== null) {
    const isTied = (findTied(deployment, workload)?.image ?? null) !== null;
    return isTied || (isOwnImage(imageName.value) && !isPublished(project, imageName.value));
  }
  if (command === null) return false;
  const chain = chainOf(project, workload);
  return (
    /^(?:node|tsx|bun|deno)$/.test(chain?.program?.name ?? "") ||
    (chain?.links.some(({ kind }) => kind === "package-manager") ?? false)
  );
}

/** In a tree of jobs alone, without a program, what comes from a public registry is another's. */
function isPublished({ files }: Project, image: string): boolean {
  const [host = ""] = image.split("/");
  const isPublic =
    !/[.:]/.test(host) || /^(?:docker\.io|ghcr\.io|quay\.io|lscr\.io|public\.ecr\.aws)$/.test(host);
  return isPublic && !files.some((file) => /(?:^|\/)package\.json$/.test(file));
}
