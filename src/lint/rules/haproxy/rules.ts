import type { Rule } from "../rule.js";
import { markedDownCuts } from "./marked-down-cuts.js";
import { noCheck } from "./no-check.js";
import { noRedispatch } from "./no-redispatch.js";
import { retriesPost } from "./retries-post.js";
import { tcpCheckOnly } from "./tcp-check-only.js";

export const HAPROXY: readonly Rule[] = [
  markedDownCuts,
  noCheck,
  tcpCheckOnly,
  noRedispatch,
  retriesPost,
];
