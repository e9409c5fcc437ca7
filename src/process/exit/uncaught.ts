import { stackOf, toError } from "../../errors.js";
import { writeError } from "../../report.js";

/** Node's own order of what hears of an error that nothing caught; the last resort is its stack on stderr. */
export function tellUncaught(thrown: unknown, origin = "uncaughtException"): void {
  const error = toError(thrown);
  emit("uncaughtExceptionMonitor", error, origin);
  if (!emit("uncaughtException", error, origin)) writeError(`${stackOf(error)}\n`);
}

/** The same for what a promise was rejected with. */
export function tellUnhandled(reason: unknown, promise: unknown): void {
  if (!emit("unhandledRejection", reason, promise)) tellUncaught(reason, "unhandledRejection");
}

function emit(event: string, ...args: unknown[]): boolean {
  // By the process' own method, which others may have replaced; the types know but some of the events.
  return (process as unknown as { emit(...args: unknown[]): boolean }).emit(event, ...args);
}
