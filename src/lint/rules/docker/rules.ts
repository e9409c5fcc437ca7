import type { Rule } from "../rule.js";
import { execFormBroken } from "./exec-form-broken.js";
import { exitCodeRemapped } from "./exit-code-remapped.js";

/** What images are started as. */
export const DOCKER: readonly Rule[] = [execFormBroken, exitCodeRemapped];
