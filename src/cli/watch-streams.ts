import { fstatSync, writeSync } from "node:fs";
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
  writeFilesWhole(stdout);
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

// Its descriptor.
const STDOUT = 1;

/**
 * Of a write to a file that the system takes a part of, as where a disk becomes full in it, Node's stdout drops the
 * rest without an error. Writing the rest too either succeeds or says why not.
 */
function writeFilesWhole(stdout: NodeJS.WriteStream): void {
  if (!fstatSync(STDOUT).isFile()) return;
  stdout._write = (chunk: string | Uint8Array, encoding, done): void => {
    const bytes = typeof chunk === "string" ? Buffer.from(chunk, encoding) : chunk;
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(STDOUT, bytes, at);
      done();
    } catch (error) {
      done(error as Error);
    }
  };
}

/** In the system's words: `no space left on device`. */
export function nameCause({ errno, message }: NodeJS.ErrnoException): string {
  return getSystemErrorMap().get(errno ?? 0)?.[1] ?? message;
}
