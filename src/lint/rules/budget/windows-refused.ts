import type { Rule } from "../rule.js";

/** `budget/windows-refused` */
export const windowsRefused: Rule = {
  id: "budget/windows-refused",
  severity: "error",
  title: "`lastcall()` would refuse its options when the program starts",
  cause:
    "The windows do not fit into the grace period: `ERR_LASTCALL_BUDGET` is thrown, and the program does not come up.",
  next: "Raise `gracePeriod`, and the platform's time with it, or shorten a window.",
  *check({ applications }) {
    for (const { lastcall } of applications) {
      const refused = lastcall?.refused ?? null;
      if (lastcall === null || refused === null) continue;
      yield {
        spot: refused.spot,
        what: refused.what,
        related: [{ spot: lastcall.spot, what: "the call" }],
      };
    }
  },
};
