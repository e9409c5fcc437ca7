import { callAfter } from "../clock.js";
import { TimeoutError, wrongArgument } from "../errors.js";
import { checkSignal, compose, type ClearableSignal } from "./any-signal.js";

/**
 * A signal that aborts with `signal`, or with a {@link TimeoutError} after `time` milliseconds: a deadline for a
 * part of a request's work. Its timer holds no process, and ends with the signal: when that aborts, is
 * cleared, or its request is over, as in {@link anySignal}.
 *
 * @param signal what to follow besides; undefined: nothing.
 * @throws {LastcallError} `ERR_LASTCALL_ARGUMENT` for something that is no signal, or no time.
 */
export function withTimeout(signal: AbortSignal | null | undefined, time: number): ClearableSignal {
  if (signal !== undefined && signal !== null) checkSignal(signal);
  if (typeof time !== "number" || !(time >= 0 && time < 2 ** 31)) {
    throw wrongArgument("time", "milliseconds", time);
  }
  return compose(signal ? [signal] : [], (abort) =>
    callAfter(time, () => abort(new TimeoutError(`It took longer than ${time} ms`, time))),
  );
}
