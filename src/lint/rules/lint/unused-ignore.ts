import type { Rule } from "../rule.js";

/** `lint/unused-ignore` */
export const unusedIgnore: Rule = {
  id: "lint/unused-ignore",
  severity: "info",
  title: "an ignore has no reason, or nothing to ignore",
  cause:
    "What it was written for is gone, or its rule is not the one that was found; without a reason it is not followed.",
  next: "Take it out, or write `lastcall-ignore RULE: the reason`.",
  // ignore/ finds it, when everything else has been found.
  check: () => [],
};
