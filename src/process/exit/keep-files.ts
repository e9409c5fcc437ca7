import { shared } from "../../shared.js";

const keeping = shared("socket files", () => ({ isOn: false }));

/**
 * Makes the end of the process leave files of Unix sockets alone. An end for want of anything to do closes every
 * handle that is open, which removes the files of listeners; `process.exit()` closes none.
 */
export function keepSocketFiles(): void {
  if (keeping.isOn) return;
  keeping.isOn = true;
  process.on("exit", (code) => {
    if (!isCalled()) (process as unknown as { reallyExit(code: number): void }).reallyExit(code);
  });
}

/** Whether `process.exit()` has been called: its event is emitted inside that call. */
function isCalled(): boolean {
  return /process\.(reallyE|e)xit/.test(new Error().stack ?? "");
}
