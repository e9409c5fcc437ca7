import type { Project } from "../files/project.js";
import type { Application } from "./application.js";
import type { Balancer } from "./balancer.js";
import type { Image } from "./image.js";
import type { Workload } from "./workload.js";

/** Everything that rules look at. */
export interface Deployment {
  readonly project: Project;
  /** Tied: each has its image and its application where they are known. */
  readonly workloads: readonly Workload[];
  readonly balancers: readonly Balancer[];
  /** Every image that is built in the tree, also where no workload uses it. */
  readonly images: readonly Image[];
  readonly applications: readonly Application[];
  /** What sends requests to a workload. */
  balancersOf(workload: Workload): readonly Balancer[];
}
