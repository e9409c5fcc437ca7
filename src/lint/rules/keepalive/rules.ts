import type { Rule } from "../rule.js";
import { balancerOutlivesServer } from "./balancer-outlives-server.js";

export const KEEPALIVE: readonly Rule[] = [balancerOutlivesServer];
