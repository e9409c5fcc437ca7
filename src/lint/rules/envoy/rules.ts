import type { Rule } from "../rule.js";
import { noHealthCheck } from "./no-health-check.js";

export const ENVOY: readonly Rule[] = [noHealthCheck];
