import type { Rule } from "../rule.js";
import { fastStop } from "./fast-stop.js";
import { noFailover } from "./no-failover.js";
import { retriesPost } from "./retries-post.js";

export const NGINX: readonly Rule[] = [fastStop, retriesPost, noFailover];
