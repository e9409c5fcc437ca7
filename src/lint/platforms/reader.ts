import type { FileKind, Project } from "../files/project.js";
import type { Balancer } from "../model/balancer.js";
import type { Workload } from "../model/workload.js";

/** How a platform's files become parts of the model. Untied: `image`, `application` and `workloads` are empty. */
export interface PlatformReader {
  /** The kinds of file that it reads: their problems are findings. */
  readonly kinds: readonly FileKind<unknown>[];
  readonly listWorkloads?: (project: Project) => readonly Workload[];
  readonly listBalancers?: (project: Project) => readonly Balancer[];
}
