/**
 * What an application gives of a registry: how it is entered and left, and how long that takes.
 *
 * @module
 */
import { describe, LastcallError, checkName, wrongArgument } from "../errors.js";

/** What each function of a registry is given. */
export interface RegistryContext {
  /**
   * Aborts when the time of the call is over, or when its result is not wanted any more: a beat's when the stop begins. What
   * the function does then is not waited for.
   */
  readonly signal: AbortSignal;
}

/** A function of a registry: done when what it returns is settled, failed where that throws or rejects. */
export type RegistryFunction = (context: RegistryContext) => unknown;

/**
 * How a registry is entered and left. Each is called again where it fails, so each must come to the same when it is called
 * twice.
 */
export interface RegistryCalls {
  /** Registers this instance, when the service is ready; again where a beat fails. Without it: something else does. */
  readonly enter?: RegistryFunction;
  /** Tells the registry that this instance is alive, every third of `ttl`. Fails where the entry is lost. */
  readonly beat?: RegistryFunction;
  /** Takes this instance out, when the stop begins. */
  readonly leave: RegistryFunction;
  /** Whether the registry lists this instance no longer, for its readers. Asked after `leave`. */
  readonly isGone?: (context: RegistryContext) => boolean | PromiseLike<boolean>;
}

/** Options of {@link Service.registry}. Times are milliseconds. */
export interface RegistryOptions {
  /**
   * How long the registry keeps an entry that it hears nothing of: the time of a lease, of a TTL check. The beat comes
   * every third of it, and a leave that failed counts as so long. Required by `beat`. Default: none.
   */
  ttl?: number;
  /**
   * How long readers may take to see that the instance has left: the listeners close no earlier than that after the last
   * leave. Default: `lameDuck.min`.
   */
  settle?: number;
  /** How long each call may take, and leaving in all, with what is tried again. Default: 2,000. */
  timeout?: number;
  /**
   * What follows when leaving fails: a warning, or the outcome `failed` and exit code 1 too.
   * Default: `"warn"`.
   */
  onFailure?: "warn" | "fail";
}

const NAMES = ["enter", "beat", "leave", "isGone"] as const;

/**
 * Checks what an application has given.
 * @throws {LastcallError} `ERR_LASTCALL_ARGUMENT` for a name that is none, something that is no function, or a name that no
 * function of a registry has.
 */
export function checkCalls(name: string, calls: RegistryCalls): void {
  checkName(name);
  if (typeof calls !== "object" || calls === null) {
    throw wrongArgument("calls", "an object of functions", calls);
  }
  for (const each of NAMES) {
    const given: unknown = calls[each];
    if (typeof given === "function" || (given === undefined && each !== "leave")) continue;
    throw wrongArgument(each, "a function", given);
  }
  const unknown = Object.keys(calls).find((each) => !NAMES.some((known) => known === each));
  if (unknown === undefined) return;
  throw new LastcallError(
    "ERR_LASTCALL_ARGUMENT",
    `Unknown function \`${unknown}\` of registry ${describe(name)}. Known: \`${NAMES.join("`, `")}\``,
  );
}
