// docker/: Dockerfiles to images. An image that no other file of the project uses is a workload of its own.
import type { PlatformReader } from "../reader.js";
import { DOCKERFILE } from "./dockerfiles.js";

/** Docker. Which image belongs to which workload is a matter of `tie/`. */
export const DOCKER: PlatformReader = { kinds: [DOCKERFILE] };
