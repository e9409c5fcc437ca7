import type { Rule } from "../rule.js";
import { killTimeoutShort } from "./kill-timeout-short.js";
import { npmInCluster } from "./npm-in-cluster.js";
import { shutdownMessage } from "./shutdown-message.js";
import { waitReadyNever } from "./wait-ready-never.js";

export const PM2: readonly Rule[] = [
  killTimeoutShort,
  npmInCluster,
  shutdownMessage,
  waitReadyNever,
];
