import type { Budget } from "../budget.js";
import { LastcallError } from "../errors.js";
import type { Given } from "../options/read.js";
import type { RegistryCalls, RegistryOptions } from "./registry-calls.js";

/** The times of one registry, in milliseconds. */
export interface RegistryTimes {
  readonly ttl: number | undefined;
  readonly settle: number;
  readonly timeout: number;
}

/** What a call may take that is given no time. */
const USUAL_TIMEOUT = 2_000;

/**
 * Completes the times of a registry and fits them into the budget: what is waited for before the listeners close must be over
 * before the work in flight is told to give up.
 *
 * @throws {LastcallError} `ERR_LASTCALL_OPTION` for a beat without a `ttl`; `ERR_LASTCALL_BUDGET` where they do not fit.
 */
export function planTimes(
  name: string,
  { beat }: RegistryCalls,
  given: Given<RegistryOptions>,
  { lameDuckMs, lameDuckMinMs, drainingMs }: Budget,
): RegistryTimes {
  const { ttl, settle = lameDuckMinMs } = given;
  if (beat !== undefined && ttl === undefined) {
    throw new LastcallError(
      "ERR_LASTCALL_OPTION",
      `Registry \`${name}\` has a \`beat\` and no \`ttl\`, a third of which is how often it comes. Give the time after which ` +
        "the registry drops an entry that it hears nothing of",
    );
  }
  const most = lameDuckMs + drainingMs;
  const { timeout = Math.max(1, Math.min(USUAL_TIMEOUT, most - settle)) } = given;
  const longest = Math.max(timeout, ttl ?? 0);
  if (longest + settle > most) {
    const what = longest === timeout ? "`timeout`" : "`ttl`, which a leave that failed takes,";
    throw new LastcallError(
      "ERR_LASTCALL_BUDGET",
      `Registry \`${name}\`: ${what} ${longest} + \`settle\` ${settle} = ${longest + settle} ms do not fit into the ${most} ms ` +
        "between the signal and the abort instant. Shorten them, or raise `gracePeriod` (and the platform's own)",
    );
  }
  return { ttl, settle, timeout };
}
