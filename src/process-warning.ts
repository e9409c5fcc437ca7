import type { ErrorCode } from "./errors.js";

/** What belongs to the whole process, and to no service that could tell of it: stable codes of warnings of Node's. */
export type ProcessWarningCode =
  | "application-threw"
  | "internals-changed"
  | "internal-error"
  | "other-version"
  | "auto-failed"
  | "auto-unattachable";

/** Tells it as Node tells warnings: on stderr, and to listeners of the process' `warning` event. */
export function warnProcess(code: ProcessWarningCode | ErrorCode, message: string): void {
  process.emitWarning(message, { type: "LastcallWarning", code });
}
