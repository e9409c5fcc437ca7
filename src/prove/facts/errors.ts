/** Why `prove` could not run. The service is not to blame for any of these. */
export type CannotRunCode =
  | "PROVE_BAD_OPTION"
  | "PROVE_CANNOT_START"
  | "PROVE_EXITED_EARLY"
  | "PROVE_NEVER_ANSWERED"
  | "PROVE_UNTRUSTED"
  | "PROVE_STOP_FAILED"
  | "PROVE_EFFECTS_UNKNOWN"
  | "PROVE_UNEXPECTED_ANSWER"
  | "PROVE_PORT_TAKEN"
  | "PROVE_LOAD_FAILED"
  | "PROVE_INTERRUPTED";

/** Thrown by `prove()` when no verdict is possible. The message is one clear sentence or more. */
export class CannotRunError extends Error {
  readonly code: CannotRunCode;

  constructor(code: CannotRunCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "CannotRunError";
    this.code = code;
  }
}

/** Throws PROVE_BAD_OPTION. */
export function refuse(name: string, expected: string, got: unknown): never {
  const shown = typeof got === "number" ? String(got) : JSON.stringify(got);
  throw new CannotRunError(
    "PROVE_BAD_OPTION",
    `Expected \`${name}\` to be ${expected}, got ${shown}`,
  );
}
