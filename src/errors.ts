/**
 * Every error the library makes: a class with a stable `code`, and a text that says what was wrong,
 * what was got, what was expected.
 *
 * @module
 */
import { types } from "node:util";

/** Stable codes; see `docs/errors.md` for the cause and the remedy of each. */
export type ErrorCode =
  | "ERR_LASTCALL_OPTION"
  | "ERR_LASTCALL_BUDGET"
  | "ERR_LASTCALL_ARGUMENT"
  | "ERR_LASTCALL_SERVER"
  | "ERR_LASTCALL_ATTACHED_ELSEWHERE"
  | "ERR_LASTCALL_CERTIFICATE"
  | "ERR_LASTCALL_HOOK_DUPLICATE"
  | "ERR_LASTCALL_REGISTRY_DUPLICATE"
  | "ERR_LASTCALL_HOOK_CYCLE"
  | "ERR_LASTCALL_STOPPING"
  | "ERR_LASTCALL_UNINSTALLED"
  | "ERR_LASTCALL_TIMEOUT"
  | "ERR_LASTCALL_CLIENT_GONE"
  | "ERR_LASTCALL_DRAIN_ABORTED"
  | "ERR_LASTCALL_NOT_CANCELLED"
  | "ERR_LASTCALL_CONSUMER_CANCELLED";

const BRAND: unique symbol = Symbol.for("lastcall.error");

/** The base of every error that lastcall throws, reports, or gives as the reason of a signal. */
export class LastcallError extends Error {
  static {
    // On the prototype: it is not seen where an error is printed.
    Object.defineProperty(this.prototype, BRAND, { value: true });
  }

  override readonly name: string = "LastcallError";
  /** Stable, unlike the text. */
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * Whether something is an error of lastcall's, whichever copy of the package has made it: `instanceof` knows those of
 * one copy, and a process may have loaded the package as ES modules and as CommonJS. Its `code` says which error it is.
 * Never throws.
 */
export function isLastcallError(error: unknown): error is LastcallError {
  try {
    return (error as { readonly [BRAND]?: unknown })[BRAND] === true;
  } catch {
    // Null, undefined, a proxy.
    return false;
  }
}

/** Whether something is the reason of a signal whose client has left. */
export function isClientGone(error: unknown): boolean {
  return isLastcallError(error) && error.code === "ERR_LASTCALL_CLIENT_GONE";
}

/** Whether something is the reason of the signals that fire at the abort instant. */
export function isDrainAborted(error: unknown): boolean {
  return isLastcallError(error) && error.code === "ERR_LASTCALL_DRAIN_ABORTED";
}

/** Reason of a request's signal whose client has left before its response was finished. */
export class ClientGoneError extends LastcallError {
  override readonly name: string = "ClientGoneError";

  constructor() {
    super(
      "ERR_LASTCALL_CLIENT_GONE",
      "The client closed its connection before the response was finished",
    );
  }
}

/** Reason of the signals that fire at the abort instant of a drain. */
export class DrainAbortedError extends LastcallError {
  override readonly name: string = "DrainAbortedError";
  /** Milliseconds left until what still runs is cut. 0 when {@link Service.abort} was called. */
  readonly timeLeftMs: number;

  constructor(timeLeftMs: number) {
    super(
      "ERR_LASTCALL_DRAIN_ABORTED",
      `The service is stopping and gives up on unfinished work; it is cut in ${Math.round(timeLeftMs)} ms`,
    );
    this.timeLeftMs = timeLeftMs;
  }
}

/**
 * Something took longer than it may: reason of the signals of {@link withTimeout}, of a hook and of a
 * goodbye. Its name is the one that `AbortSignal.timeout` gives.
 */
export class TimeoutError extends LastcallError {
  override readonly name: string = "TimeoutError";
  /** Milliseconds that it was given. */
  readonly timeoutMs: number;

  constructor(message: string, timeoutMs: number) {
    super("ERR_LASTCALL_TIMEOUT", message);
    this.timeoutMs = timeoutMs;
  }
}

/** Whether an error is a signal's reason, as such or as the cause of Node's own AbortError. */
export function isReason(error: unknown, signal: AbortSignal): boolean {
  if (!signal.aborted) return false;
  return error === signal.reason || (error instanceof Error && error.cause === signal.reason);
}

/** Describes a value for a message: `` `0` (number)``, `` `"5s"` (string)``. Never throws. */
export function describe(value: unknown): string {
  try {
    return describeKind(value);
  } catch {
    // A proxy, or getters that throw.
    return "something that throws when it is looked at";
  }
}

function describeKind(value: unknown): string {
  if (value === null) return "`null`";
  if (Array.isArray(value)) return `an array of ${value.length}`;
  switch (typeof value) {
    case "undefined":
      return "`undefined`";
    case "string":
      return `\`${JSON.stringify(value)}\` (string)`;
    case "number":
    case "boolean":
    case "bigint":
    case "symbol":
      return `\`${String(value)}\` (${typeof value})`;
    case "function":
      return `a function${value.name === "" ? "" : ` (${value.name})`}`;
    default:
      return `an object (${value.constructor?.name ?? "no prototype"})`;
  }
}

/** What should be a string, and is the application's to change; empty where it is none. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Makes an Error of whatever was thrown. Never throws, whatever that is. */
export function toError(thrown: unknown): Error {
  try {
    // One from another realm, such as a test runner's or `node:vm`'s, is an instance of its own Error.
    const isError = thrown instanceof Error || types.isNativeError(thrown);
    if (isError && typeof thrown.message === "string") return thrown;
  } catch {
    // A proxy, or getters that throw: described below.
  }
  return new Error(`A value that is not an Error was thrown: ${describe(thrown)}`, {
    cause: thrown,
  });
}

/** Its stack, or what it is where that cannot be read. Never throws: `Error.prepareStackTrace` is the application's. */
export function stackOf(error: Error): string {
  try {
    return textOf(error.stack);
  } catch {
    return describe(error);
  }
}

/** An argument of the wrong kind. */
export function wrongArgument(name: string, expected: string, got: unknown): LastcallError {
  return new LastcallError(
    "ERR_LASTCALL_ARGUMENT",
    `Expected \`${name}\` to be ${expected}, got ${describe(got)}`,
  );
}

/** @throws {LastcallError} `ERR_LASTCALL_ARGUMENT` unless given a name. */
export function checkName(name: unknown): void {
  if (typeof name !== "string" || name === "") {
    throw wrongArgument("name", "a string that is not empty", name);
  }
}

/** @throws {LastcallError} `ERR_LASTCALL_ARGUMENT` unless given a name and a function. */
export function checkNamed(name: unknown, run: unknown): void {
  checkName(name);
  if (typeof run !== "function") throw wrongArgument("run", "a function", run);
}
