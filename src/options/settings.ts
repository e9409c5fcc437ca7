/**
 * The options, checked and complete.
 *
 * @module
 */
import type { Spread } from "../budget.js";
import type { Check } from "../probes/checks.js";
import type { UntrackedPolicy } from "../phase.js";
import type { DrainReport } from "../report.js";
import type { CertificateFiles } from "../server/listener/certificate.js";
import type { IsLongLived } from "../server/long-lived/long-lived.js";
import { preferGiven, readEnvironment, type Environment } from "./environment.js";
import { takenSignal } from "./kinds.js";
import type { AttachOptions, LastcallOptions, TimeoutOptions } from "./options.js";
import { readGiven, refuse, type Given } from "./read.js";
import { valueOf, type Option } from "./row.js";
import { ATTACH, LASTCALL, SEND_SERVING } from "./table.js";

/** The options of a service. */
export interface Settings {
  readonly name: string;
  readonly gracePeriod: number;
  readonly margin: number;
  readonly lameDuck: LameDuckSettings;
  readonly abortWindow: number;
  readonly closingWindow: number;
  readonly timeouts: Timeouts;
  readonly closeSpread: Spread;
  readonly repeatWindow: number;
  readonly signals: readonly NodeJS.Signals[];
  readonly exit: boolean;
  readonly currentSignal: boolean;
  readonly longLived: IsLongLived | undefined;
  readonly untracked: UntrackedPolicy;
  readonly development: boolean | undefined;
  readonly uncaughtException: "crash" | "drain";
  readonly probes: ProbeSettings | undefined;
  readonly report: "stderr" | false | ((report: DrainReport) => void);
  /** Whether event streams that the program does not end itself are ended, and not torn. */
  readonly endsEventStreams: boolean;
  /** The environment variables that had a say. */
  readonly variables: readonly string[];
}

/** The bounds that were given. `max` 0: no lame duck. */
interface LameDuckSettings {
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly fall: number;
}

/** How long a connection may stand still, in milliseconds; during the drain, but for one. */
export interface Timeouts {
  readonly idle: number;
  readonly head: number;
  readonly body: number;
  readonly send: number;
  readonly sendServing: number;
  readonly goodbye: number;
}

export interface ProbeSettings {
  readonly live: string;
  readonly ready: string;
  readonly port: number | undefined;
  readonly host: string | undefined;
  readonly readyWhileDraining: boolean;
  readonly checks: Readonly<Record<string, Check>> | undefined;
  readonly checkTimeout: number;
  readonly checkAge: number;
}

/** The options of an attached server. */
export interface AttachSettings {
  readonly listens: boolean;
  readonly reload: (CertificateFiles & { readonly signal: NodeJS.Signals }) | undefined;
}

/** An option's value, given or not. */
type Complete = <T>(given: T | undefined, option: Option<T>) => T;

/**
 * Checks every option of a service and completes it: with the environment's, and then with its default.
 * @throws {LastcallError} `ERR_LASTCALL_OPTION` that names the option or the variable, what it got and what it takes.
 */
export function readOptions(
  options: LastcallOptions,
  environment: Environment = process.env,
): Settings {
  const own = readGiven<LastcallOptions>(LASTCALL, options);
  const from = readEnvironment<LastcallOptions>(LASTCALL, environment);
  const given = preferGiven(own, from.given);
  const gracePeriod = given.gracePeriod ?? valueOf(LASTCALL.gracePeriod);
  const complete: Complete = (value, option) => value ?? valueOf(option, gracePeriod);
  /** Windows are whole milliseconds where they are shares. */
  const window = (value: number | undefined, option: Option<number>): number =>
    value ?? Math.floor(valueOf(option, gracePeriod));
  return {
    name: complete(given.name, LASTCALL.name),
    gracePeriod,
    margin: window(given.margin, LASTCALL.margin),
    lameDuck: completeLameDuck(given.lameDuck),
    abortWindow: window(given.abortWindow, LASTCALL.abortWindow),
    closingWindow: window(given.closingWindow, LASTCALL.closingWindow),
    timeouts: completeTimeouts(given.timeouts ?? {}, complete),
    closeSpread: {
      ms: window(given.closeSpread, LASTCALL.closeSpread),
      isUsual: given.closeSpread === undefined,
    },
    repeatWindow: complete(given.repeatWindow, LASTCALL.repeatWindow),
    signals: [...new Set(complete(given.signals, LASTCALL.signals) || [])],
    exit: complete(given.exit, LASTCALL.exit),
    currentSignal: complete(given.currentSignal, LASTCALL.currentSignal),
    longLived: given.longLived,
    untracked: complete(given.untracked, LASTCALL.untracked),
    development: given.development,
    uncaughtException: complete(given.uncaughtException, LASTCALL.uncaughtException),
    probes: completeProbes(given.probes, complete),
    report: complete(given.report, LASTCALL.report),
    endsEventStreams: false,
    variables: from.variables,
  };
}

function completeLameDuck(given: LastcallOptions["lameDuck"]): LameDuckSettings {
  const fall = valueOf(LASTCALL.lameDuck.members.fall);
  if (given === false) return { min: undefined, max: 0, fall };
  return { min: given?.min, max: given?.max, fall: given?.fall ?? fall };
}

function completeTimeouts(given: Given<TimeoutOptions>, complete: Complete): Timeouts {
  const { idle, head, body, send, goodbye } = LASTCALL.timeouts.members;
  const sends = given.send === false ? Number.POSITIVE_INFINITY : given.send;
  return {
    idle: complete(given.idle, idle),
    head: complete(given.head, head),
    body: complete(given.body, body),
    send: complete(sends, send as Option<number>),
    sendServing: sends ?? SEND_SERVING,
    goodbye: complete(given.goodbye, goodbye),
  };
}

function completeProbes(
  given: LastcallOptions["probes"],
  complete: Complete,
): ProbeSettings | undefined {
  if (given === undefined || given === false) return undefined;
  const own = given === true ? {} : given;
  const { live, ready, readyWhileDraining, checkTimeout, checkAge } = LASTCALL.probes.members;
  const probes: ProbeSettings = {
    live: complete(own.live, live),
    ready: complete(own.ready, ready),
    port: own.port,
    host: own.host,
    readyWhileDraining: complete(own.readyWhileDraining, readyWhileDraining),
    checks: own.checks && { ...own.checks },
    checkTimeout: complete(own.checkTimeout, checkTimeout),
    checkAge: complete(own.checkAge, checkAge),
  };
  if (probes.live === probes.ready) {
    throw refuse("probes.ready", {
      expected: "another path than `probes.live`",
      got: probes.ready,
    });
  }
  return probes;
}

/**
 * Checks the options of an attached server. `taken`: the signals that start the drain.
 * @throws {LastcallError} `ERR_LASTCALL_OPTION`.
 */
export function readAttachOptions(
  options: AttachOptions,
  taken: readonly NodeJS.Signals[],
): AttachSettings {
  const { listens = valueOf(ATTACH.listens), reloadCertificate: reload } = readGiven<AttachOptions>(
    ATTACH,
    options,
  );
  if (reload === undefined) return { listens, reload: undefined };
  const {
    keyFile,
    certFile,
    caFile,
    passphrase,
    signal = valueOf(ATTACH.reloadCertificate.members.signal),
  } = reload;
  for (const [name, value] of Object.entries({ keyFile, certFile })) {
    if (value === undefined) {
      throw refuse(`reloadCertificate.${name}`, { expected: "a path", got: value });
    }
  }
  if (taken.includes(signal)) throw refuse("reloadCertificate.signal", takenSignal(signal));
  return {
    listens,
    reload: {
      keyFile,
      certFile,
      ...(caFile !== undefined && { caFile }),
      ...(passphrase !== undefined && { passphrase }),
      signal,
    },
  };
}
