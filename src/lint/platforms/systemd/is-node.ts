import { chainOf } from "../../chain/surroundings.js";
import type { Project } from "../../files/project.js";
import type { Workload } from "../../model/workload.js";

const NODE = new Set(["node", "tsx", "ts-node", "next", "nest", "nuxt", "bun", "deno"]);

/** Whether a unit is known to run a program of Node's, through whatever is between. */
export function isNodeService(project: Project, workload: Workload): boolean {
  const chain = chainOf(project, workload);
  if (chain === null) return false;
  const isManaged = chain.links.some(({ kind }) => kind === "package-manager");
  return isManaged || (chain.program !== null && NODE.has(chain.program.name));
}
