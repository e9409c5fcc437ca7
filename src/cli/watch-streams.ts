import { getSystemErrorMap } from "node:util";
import type { Io } from "./io.js";
import { EXIT } from "./usage.js";

/**
 * Tells in one line that stdout cannot be written to, and makes the exit code say so: without a listener Node
 * ends the process with a stack and 1, which blames what was examined. A reader that has left, as `head` does,
 * has read what it wanted: that is no failure, and changes no exit code.
 */
export function watchStreams({ stdout, stderr }: Io): void {
  // Nowhere is left to say it.
  stderr.on("error", () => {});
  let isTold = false;
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE" || isTold) return;
    isTold = true;
    stderr.write(`lastcall: stdout could not be written to: ${nameCause(error)}\n`);
    // The command may still be about to say what its exit code is.
    process.once("exit", () => {
      process.exitCode = EXIT.cannot;
    });
  });
}

/** In the system's words: `no space left on device`. */
export function nameCause({ errno, message }: NodeJS.ErrnoException): string {
  return getSystemErrorMap().get(errno ?? 0)?.[1] ?? message;
}
