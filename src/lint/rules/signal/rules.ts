import type { Rule } from "../rule.js";
import { detached } from "./detached.js";
import { devRunner } from "./dev-runner.js";
import { noListener } from "./no-listener.js";
import { notListened } from "./not-listened.js";
import { packageManagerInBetween } from "./package-manager-in-between.js";
import { shellInBetween } from "./shell-in-between.js";
import { twice } from "./twice.js";

/** Whether the signal gets to the program, and means something there. */
export const SIGNAL: readonly Rule[] = [
  packageManagerInBetween,
  shellInBetween,
  noListener,
  notListened,
  twice,
  devRunner,
  detached,
];
