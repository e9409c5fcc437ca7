import { doneBy, now } from "../../clock.js";

/** Waits until what was written to stdout and stderr has left the process, in `longest` milliseconds at most. */
export async function flushOutput(longest: number): Promise<void> {
  await doneBy(Promise.all([process.stdout, process.stderr].map(flush)), now() + longest);
}

function flush(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    // A reader that is gone is no reason to crash on the way out.
    stream.on("error", () => resolve());
    if (stream.destroyed || !stream.writable) resolve();
    else stream.write("", () => resolve());
  });
}

/**
 * Ignores errors of stdout and stderr from here on: in `node server | pino-pretty` both are told to stop, and a reader
 * that has gone first is no failure of the service. Returns what takes that back.
 */
export function ignoreOutputErrors(): () => void {
  const ignore = (): void => {};
  const streams = [process.stdout, process.stderr];
  for (const stream of streams) stream.on("error", ignore);
  return () => {
    for (const stream of streams) stream.off("error", ignore);
  };
}
