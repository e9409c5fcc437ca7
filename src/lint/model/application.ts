import type { Spot } from "../source/source.js";
import type { Value } from "../source/value.js";
import type { Windows } from "./windows.js";

/** The windows of a stop by lastcall, in milliseconds. */
export interface LastcallCall {
  /** The call: `lastcall({ … })`, or what loads `lastcall/auto`. */
  readonly spot: Spot;
  /** B. Null where the option is no literal. */
  readonly gracePeriod: Value<number> | null;
  /** D, 0 without a lame duck. Null where it is not known. */
  readonly lameDuck: Value<number> | null;
  /** All windows of it; null where one of them is not known. */
  readonly windows: Windows | null;
  /** Null where it is not known. */
  readonly signals: Value<readonly string[]> | null;
  readonly probes: Probes | null;
  /** Why `lastcall()` would refuse the options, with the sum. */
  readonly refused: { readonly what: string; readonly spot: Spot } | null;
}

/** The answers of probes: null in place of the whole where it is not known, `isOn` false without them. */
export interface Probes {
  readonly isOn: boolean;
  readonly live: string;
  readonly ready: string;
  readonly port: number | null;
  readonly readyWhileDraining: boolean;
  readonly spot: Spot;
}

/** A program's sources. */
export interface Application {
  /** Its folder, from the root. */
  readonly folder: string;
  /** The file that is started; null where it was not found. */
  readonly entry: string | null;
  /** Whether every file that it imports from the tree was read. */
  readonly isComplete: boolean;
  /** Packages that it imports. */
  readonly packages: ReadonlySet<string>;
  /** Signals and messages that something listens for: `SIGTERM`, `message`. Null where a listener's name is no literal. */
  readonly listeners: ReadonlyMap<string, Spot> | null;
  readonly lastcall: LastcallCall | null;
  /** K: how long its server keeps an idle connection, in milliseconds; null where that is not known. */
  readonly keepAlive: Value<number> | null;
  /** Where it begins to listen on a port; null where that is not seen. */
  readonly listens: Spot | null;
  /** Whether something in it may wait before it stops: a timer beside a listener of a signal. */
  readonly mayWait: boolean;
  /** Whether it is known to be a program of Node's. */
  readonly isNode: boolean;
}
