import { stackOf, toError } from "../../errors.js";
import { writeError } from "../../report.js";
import type { ForeignListeners } from "../signals/foreign-listeners.js";
import { ExitListeners } from "./exit-listeners.js";
import type { Watchdog } from "./watchdog.js";

/** The code that the process would end with. */
export const codeNow = (): number => Number(process.exitCode ?? 0);

/**
 * Ends the process with its `exitCode`. Reports have told it, and listeners of `exit` come after them: that one sets another
 * code, or throws, is said in a line of its own.
 */
export function exitNow(told: number, foreign: ForeignListeners, watchdog: Watchdog): never {
  const listeners = new ExitListeners();
  let said = told;
  const sayOther = (): void => {
    if (codeNow() === said) return;
    said = codeNow();
    const setter =
      listeners.running === undefined ? "" : `: \`exit\` listener ${listeners.running}`;
    writeError(`lastcall: exit code ${codeNow()}, and not ${told} as reported${setter}\n`);
  };
  try {
    listeners.mark(foreign, watchdog.mark, sayOther);
    watchdog.tell({ line: "", exitListeners: listeners.names });
    // One of them that calls it is the last.
    const exit = process.exit.bind(process);
    process.exit = (code): never => {
      if (code !== undefined && code !== null) process.exitCode = code;
      sayOther();
      return exit();
    };
  } catch {
    // A listener of the process' `newListener` has thrown: should one of `exit` hang, it stays without a name.
  }
  try {
    process.exit();
  } catch (thrown) {
    // Or it is a test runner's or a wrapper's `process.exit`, which does not exit, and the process would stay until its deadline.
    if (listeners.running !== undefined) {
      writeError(`Uncaught in an \`exit\` listener: ${stackOf(toError(thrown))}\n`);
      if (codeNow() === 0) process.exitCode = 1;
      sayOther();
    }
    return (process as unknown as { reallyExit(code: number): never }).reallyExit(codeNow());
  }
}
