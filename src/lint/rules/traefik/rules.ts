import type { Rule } from "../rule.js";
import { noHealthCheck } from "./no-health-check.js";
import { ownGrace } from "./own-grace.js";

export const TRAEFIK: readonly Rule[] = [noHealthCheck, ownGrace];
