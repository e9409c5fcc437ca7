import type { SignalEffect, SignalReport } from "../../report.js";

/** A signal as it arrives. */
export interface Telling {
  readonly signal: NodeJS.Signals;
  readonly from: SignalReport["from"];
  readonly by?: string | undefined;
  /** Whether a person waits at a terminal, where the one that passes it on knows. */
  readonly isHurried?: boolean | undefined;
  /** The instant at which it was seen. */
  readonly at: number;
  /** How long the event loop had not turned then, in ms: so much earlier it may have come. */
  readonly silentMs: number;
  /** For how much of that the program was at work: so much of the budget it has cost. */
  readonly blockedMs: number;
}

/**
 * What a signal means to a service that was told to stop at `first`, or not yet. npm, pnpm, nodemon, systemd's control
 * groups, dumb-init, Heroku and PM2 deliver one stop as two or three signals within some ten milliseconds; a person's
 * second Ctrl-C comes after 300 and more.
 */
export function judgeSignal(
  { from, at, silentMs }: Pick<Telling, "from" | "at" | "silentMs">,
  first: number | undefined,
  repeatWindow: number,
): SignalEffect {
  if (first === undefined) return "stop";
  if (at - silentMs <= first + repeatWindow && repeatWindow > 0) return "repeat";
  return from === "outside" ? "cut" : "ignored";
}
