// platforms/: one folder for each: how its files are read into workloads and balancers. This file is the list of them.
import { COMPOSE } from "./compose/compose.js";
import { DOCKER } from "./docker/docker.js";
import { KUBERNETES } from "./kubernetes/kubernetes.js";
import type { PlatformReader } from "./reader.js";

/** Every platform that is read. */
export const PLATFORMS: readonly PlatformReader[] = [KUBERNETES, COMPOSE, DOCKER];
