/** What a call of `lastcall()` says of its windows, in milliseconds; undefined for what it does not say. */
export interface Asked {
  readonly gracePeriod: number;
  readonly lameDuckMin: number | undefined;
  /** 0: no lame duck. */
  readonly lameDuckMax: number | undefined;
  readonly abortWindow: number | undefined;
  readonly closingWindow: number | undefined;
  readonly margin: number | undefined;
}

/** The windows of one stop, in milliseconds. */
export interface Windows {
  readonly gracePeriod: number;
  readonly lameDuck: number;
  readonly draining: number;
  readonly aborting: number;
  readonly closing: number;
  readonly margin: number;
  /** Why the library would refuse them, with the sum; null for those that fit. */
  readonly refused: string | null;
}

// The library's own defaults, written here once more: the linter shares no code with what it examines. A test compares.
const USUAL_LAME_DUCK = 2_000;
const LONGEST_LAME_DUCK = 5_000;
const LEAST_DRAINING = 250;

/** Divides a grace period as the library does. */
export function planWindows(asked: Asked): Windows {
  const { gracePeriod, lameDuckMin } = asked;
  const aborting = asked.abortWindow ?? Math.floor(Math.min(2_000, gracePeriod / 15));
  const closing = asked.closingWindow ?? Math.floor(Math.min(5_000, gracePeriod / 6));
  const margin = asked.margin ?? Math.floor(Math.min(1_000, gracePeriod / 30));
  const serving = gracePeriod - aborting - closing - margin;
  const usual = Math.max(USUAL_LAME_DUCK, Math.min(LONGEST_LAME_DUCK, Math.floor(gracePeriod / 6)));
  const lameDuck = asked.lameDuckMax ?? Math.max(0, Math.floor(Math.min(usual, serving / 2)));
  const draining = serving - lameDuck;
  const least = Math.min(LEAST_DRAINING, gracePeriod / 4);
  const refused =
    draining < least
      ? `lameDuck ${ms(lameDuck)} + abortWindow ${ms(aborting)} + closingWindow ${ms(closing)} + margin ${ms(margin)} = ` +
        `${ms(lameDuck + aborting + closing + margin)} of gracePeriod ${ms(gracePeriod)} ms, which leaves ${ms(draining)} ms ` +
        `for requests in flight; at least ${ms(least)} are needed`
      : lameDuckMin !== undefined && lameDuckMin > lameDuck
        ? `lameDuck.min ${ms(lameDuckMin)} > lameDuck.max ${ms(lameDuck)} ms`
        : null;
  return { gracePeriod, lameDuck, draining, aborting, closing, margin, refused };
}

function ms(time: number): string {
  return String(Math.round(time));
}
