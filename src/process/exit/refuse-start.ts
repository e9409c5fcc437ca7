import { writeSync } from "node:fs";

/** `EX_CONFIG` of BSD's sysexits.h, which systemd names in its log. */
const CONFIGURATION = 78;

/** Ends a program that is not to start, and says why. */
export function refuseStart(message: string): never {
  try {
    writeSync(2, `${message}\n`);
  } catch {
    // Without stderr the exit code has to do.
  }
  process.exit(CONFIGURATION);
}
