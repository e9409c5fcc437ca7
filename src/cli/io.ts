import type { WriteStream } from "node:tty";

/** Where a command writes: data to stdout, progress and errors to stderr. */
export interface Io {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/** Colour only on a terminal that did not ask for none (no-color.org). */
export function hasColor(stream: Pick<WriteStream, "isTTY">): boolean {
  const { NO_COLOR } = process.env;
  return stream.isTTY && (NO_COLOR === undefined || NO_COLOR === "");
}
