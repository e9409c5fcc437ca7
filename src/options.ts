import { constants } from "node:os";

import { describe, LastcallError } from "./errors.js";
import type { DrainReport } from "./report.js";
import type { CertificateFiles } from "./server/certificate.js";

/**
 * Options of {@link lastcall}. Times are milliseconds. Windows that are not given are shares of the
 * grace period; windows that are given are taken as they are, and must fit.
 */
export interface LastcallOptions {
  /** Names the service in events and reports. Default: `"service"`. */
  name?: string;
  /**
   * The whole budget, from the signal to the forced end: what Kubernetes calls
   * `terminationGracePeriodSeconds`. At least 1,000. Default: 30,000.
   */
  gracePeriod?: number;
  /**
   * Kept free before the kill, for what nobody can measure from inside: the time until the signal
   * was seen, the last write of the logs. The drain is over at `gracePeriod - margin`.
   * Default: 1/30 of the grace period, 1,000 at most.
   */
  margin?: number;
  /**
   * How long to go on accepting after readiness turned, so that balancers can notice. `false`: not at
   * all, which loses requests wherever a balancer needs time to notice.
   */
  lameDuck?: false | LameDuckOptions;
  /**
   * How long before the cut the signals of unfinished requests and tasks abort.
   * Default: 1/15 of the grace period, 2,000 at most.
   */
  abortWindow?: number;
  /** Reserved for the hooks, at the end. Default: 1/6 of the grace period, 5,000 at most. */
  closingWindow?: number;
  /**
   * How long a connection without a request is kept after the listener closed, counted from its last
   * byte or from the drain's start: a request may be on its way. Default: 500.
   */
  idleLinger?: number;
  /**
   * During the drain, how long a request head that has begun may take.
   * Default: 1/6 of the grace period, 5,000 at most.
   */
  headTimeout?: number;
  /**
   * During the drain, how long a request body may make no progress.
   * Default: 1/3 of the grace period, 10,000 at most.
   */
  bodyTimeout?: number;
  /**
   * How long a response may make no progress because its client does not read, always: while serving
   * too. `false`: for ever, or until the drain's deadline.
   * Default: 60,000; during the drain 1/3 of the grace period, 10,000 at most.
   */
  sendTimeout?: number | false;
  /**
   * The window, after the listener closed, over which idle connections are closed and farewells are
   * said, so that clients do not all come back at once. A hundred per second leave sooner. Must be
   * shorter than what the other windows leave for requests in flight.
   * Default: 1/10 of the grace period, 3,000 at most.
   */
  spread?: number;
  /**
   * How long a long-lived connection may stand still after its farewell, see
   * {@link Service.farewell}, before it is destroyed. Default: 1/6 of the grace period, 5,000 at most.
   */
  farewellTimeout?: number;
  /**
   * Signals that start the drain and, the second time, end the process. `false`: none, the program
   * calls {@link Service.drain} itself. Default: `["SIGTERM", "SIGINT"]`.
   */
  signals?: false | readonly NodeJS.Signals[];
  /**
   * Whether a drain that a signal started, or a task with `onFailure: "stop"`, ends the process, once stdout and stderr are flushed.
   * With `false` only `process.exitCode` is set. Where the drain was clean, an exit code that the
   * application has set itself stands. Default: `true`.
   */
  exit?: boolean;
  /**
   * Whether {@link currentSignal} finds the request whose handler runs, however far down. Costs an
   * `AsyncLocalStorage`, see `docs/cancellation.md`. Default: `false`.
   */
  ambient?: boolean;
  /** Answer probes before the application sees them. Default: `false`. */
  probes?: boolean | ProbeOptions;
  /**
   * What to do when something is alive at the end of a drain that nobody told of, and the exit would cut it.
   * `warn`: say so. `wait`: until it ends, or to the end of the budget; what is left then makes the outcome
   * `aborted`. `fail`: the outcome is `failed`. Default: `"warn"`.
   */
  untracked?: UntrackedPolicy;
  /**
   * Where the report of a drain goes: one JSON line on stderr, nowhere, or to a function.
   * Default: `"stderr"`.
   */
  report?: "stderr" | false | ((report: DrainReport) => void);
}

/** See {@link LastcallOptions.untracked}. */
export type UntrackedPolicy = "wait" | "warn" | "fail";

/** Bounds of the lame duck. In between it ends when nobody comes any more; see `docs/lame-duck.md`. */
export interface LameDuckOptions {
  /**
   * It ends no earlier, however quiet it is. Balancers that probe need the time of their probes. As
   * `lameDuck.max`: the phase has a fixed length. Default: 2/5 of `lameDuck.max`, 2,000 at most.
   */
  min?: number;
  /** It ends no later. Default: 1/6 of the grace period, 5,000 at most. */
  max?: number;
}

/** Paths and port of the probes. */
export interface ProbeOptions {
  /** Path that answers 200 as long as the process can answer. Default: `"/livez"`. */
  live?: string;
  /** Path that answers 200 while ready and 503 otherwise. Default: `"/readyz"`. */
  ready?: string;
  /** Serve the probes on a port of their own instead of every attached server. Default: none. */
  port?: number;
  /** Address of that port. Default: all. */
  host?: string;
  /**
   * Keep answering 200 to the readiness probe during the drain, for routing that prefers a
   * terminating endpoint which still says ready. Default: `false`.
   */
  neutral?: boolean;
}

/** Options of {@link Service.attach}. */
export interface AttachOptions {
  /** Read the certificate of a TLS server again when a signal comes. Default: none. */
  reloadCertificate?: CertificateReload;
}

/** From where, and when, a server's certificate is read again. */
export interface CertificateReload extends CertificateFiles {
  /** The signal; none that starts the drain. Default: `"SIGHUP"`. */
  signal?: NodeJS.Signals;
}

/** The options, checked and complete. */
export interface Settings {
  readonly name: string;
  readonly gracePeriod: number;
  readonly margin: number | undefined;
  readonly lameDuck: LameDuckSettings;
  readonly abortWindow: number | undefined;
  readonly closingWindow: number | undefined;
  readonly timeouts: Timeouts;
  readonly spread: number | undefined;
  readonly signals: readonly NodeJS.Signals[];
  readonly exit: boolean;
  readonly ambient: boolean;
  readonly untracked: UntrackedPolicy;
  readonly probes: ProbeSettings | undefined;
  readonly report: "stderr" | false | ((report: DrainReport) => void);
}

/** The bounds that were given. `max` 0: no lame duck. */
interface LameDuckSettings {
  readonly min: number | undefined;
  readonly max: number | undefined;
}

/** How long a connection may stand still, in milliseconds; during the drain, but for one. */
export interface Timeouts {
  readonly idle: number;
  readonly head: number;
  readonly body: number;
  readonly send: number;
  readonly sendServing: number;
  readonly farewell: number;
}

export interface ProbeSettings {
  readonly live: string;
  readonly ready: string;
  readonly port: number | undefined;
  readonly host: string | undefined;
  readonly neutral: boolean;
}

/** Node's own timers hold no more, and nobody's grace period does. */
const LONGEST = 2 ** 31 - 1;

/**
 * Checks every option and completes it with its default.
 * @throws {LastcallError} `ERR_LASTCALL_OPTION` that names the option, what it got and what it takes.
 */
export function readOptions(options: LastcallOptions): Settings {
  const read = new Reader(options, "");
  const gracePeriod = read.time("gracePeriod", 1_000) ?? 30_000;
  const share = (part: number, most: number): number => Math.min(most, gracePeriod / part);
  const send = readSendTimeout(read);
  const settings: Settings = {
    name: read.text("name") ?? "service",
    gracePeriod,
    margin: read.time("margin"),
    lameDuck: readLameDuck(read),
    abortWindow: read.time("abortWindow"),
    closingWindow: read.time("closingWindow"),
    timeouts: {
      // Elsewhere a timeout of 0 means never; here it would cut everything at once, so it is refused.
      idle: read.time("idleLinger") ?? 500,
      head: read.time("headTimeout", 1) ?? share(6, 5_000),
      body: read.time("bodyTimeout", 1) ?? share(3, 10_000),
      send: send ?? share(3, 10_000),
      sendServing: send ?? 60_000,
      farewell: read.time("farewellTimeout", 1) ?? share(6, 5_000),
    },
    spread: read.time("spread"),
    signals: readSignals(read),
    exit: read.flag("exit") ?? true,
    ambient: read.flag("ambient") ?? false,
    untracked: read.oneOf("untracked", ["wait", "warn", "fail"]) ?? "warn",
    probes: readProbes(read),
    report: readReport(read),
  };
  read.refuseRest();
  return settings;
}

function readLameDuck(read: Reader): LameDuckSettings {
  const value = read.take("lameDuck");
  if (value === undefined) return { min: undefined, max: undefined };
  if (value === false) return { min: undefined, max: 0 };
  const inner = new Reader(value, "lameDuck.", "false or an object");
  const bounds = { min: inner.time("min"), max: inner.time("max") };
  inner.refuseRest();
  return bounds;
}

function readSendTimeout(read: Reader): number | undefined {
  const value = read.take("sendTimeout");
  if (value === undefined) return undefined;
  if (value === false) return Number.POSITIVE_INFINITY;
  if (typeof value === "number" && value >= 1 && value <= LONGEST) return value;
  throw read.wrong("sendTimeout", `a number of milliseconds from 1 to ${LONGEST}, or false`, value);
}

function readSignals(read: Reader): readonly NodeJS.Signals[] {
  const value = read.take("signals");
  if (value === undefined) return ["SIGTERM", "SIGINT"];
  if (value === false) return [];
  if (!Array.isArray(value)) {
    throw read.wrong("signals", 'false or an array of signal names such as "SIGTERM"', value);
  }
  for (const name of value) {
    if (!isCatchable(name)) throw read.wrong("signals", "names of signals to listen for", name);
  }
  return [...new Set(value as NodeJS.Signals[])];
}

/** Whether a process can listen for it; Node throws an error of its own for these two. */
function isCatchable(name: unknown): boolean {
  return (
    typeof name === "string" &&
    Object.hasOwn(constants.signals, name) &&
    name !== "SIGKILL" &&
    name !== "SIGSTOP"
  );
}

function readProbes(read: Reader): ProbeSettings | undefined {
  const value = read.take("probes");
  if (value === undefined || value === false) return undefined;
  const inner = new Reader(value === true ? {} : value, "probes.", "a boolean or an object");
  const probes: ProbeSettings = {
    live: inner.path("live") ?? "/livez",
    ready: inner.path("ready") ?? "/readyz",
    port: inner.port("port"),
    host: inner.text("host"),
    neutral: inner.flag("neutral") ?? false,
  };
  inner.refuseRest();
  if (probes.live === probes.ready) {
    throw inner.wrong("ready", "another path than `probes.live`", probes.ready);
  }
  return probes;
}

function readReport(read: Reader): Settings["report"] {
  const value = read.take("report");
  if (value === undefined) return "stderr";
  if (value === "stderr" || value === false) return value;
  if (typeof value === "function") return value as (report: DrainReport) => void;
  throw read.wrong("report", '"stderr", false or a function', value);
}

/**
 * Checks the options of an attached server. `taken`: the signals that start the drain.
 * @throws {LastcallError} `ERR_LASTCALL_OPTION`.
 */
export function readAttachOptions(
  options: AttachOptions,
  taken: readonly NodeJS.Signals[],
): { readonly reload: (CertificateFiles & { readonly signal: NodeJS.Signals }) | undefined } {
  const read = new Reader(options, "");
  const value = read.take("reloadCertificate");
  read.refuseRest();
  if (value === undefined) return { reload: undefined };
  const inner = new Reader(value, "reloadCertificate.");
  const keyFile = inner.text("keyFile");
  const certFile = inner.text("certFile");
  const caFile = inner.text("caFile");
  const passphrase = inner.text("passphrase");
  const signal = inner.take("signal") ?? "SIGHUP";
  inner.refuseRest();
  if (keyFile === undefined) throw inner.wrong("keyFile", "a path", keyFile);
  if (certFile === undefined) throw inner.wrong("certFile", "a path", certFile);
  if (!isCatchable(signal) || taken.includes(signal as NodeJS.Signals)) {
    throw inner.wrong("signal", "the name of a signal that does not start the drain", signal);
  }
  return {
    reload: {
      keyFile,
      certFile,
      ...(caFile !== undefined && { caFile }),
      ...(passphrase !== undefined && { passphrase }),
      signal: signal as NodeJS.Signals,
    },
  };
}

/** Takes options out of a caller's object one by one; what is left in the end is unknown. */
export class Reader {
  readonly #rest: Map<string, unknown>;
  readonly #prefix: string;
  readonly #known: string[] = [];

  constructor(source: unknown, prefix: string, expected = "an object") {
    this.#prefix = prefix;
    if (typeof source !== "object" || source === null || Array.isArray(source)) {
      throw this.wrong("", expected, source);
    }
    this.#rest = new Map(Object.entries(source));
  }

  take(key: string): unknown {
    const value = this.#rest.get(key);
    this.#rest.delete(key);
    this.#known.push(key);
    return value;
  }

  time(key: string, least = 0): number | undefined {
    const value = this.take(key);
    if (value === undefined) return undefined;
    if (typeof value === "number" && value >= least && value <= LONGEST) return value;
    throw this.wrong(key, `a number of milliseconds from ${least} to ${LONGEST}`, value);
  }

  port(key: string): number | undefined {
    const value = this.take(key);
    if (value === undefined) return undefined;
    if (Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 65_535)
      return Number(value);
    throw this.wrong(key, "a port from 0 to 65535", value);
  }

  flag(key: string): boolean | undefined {
    const value = this.take(key);
    if (value === undefined || typeof value === "boolean") return value;
    throw this.wrong(key, "a boolean", value);
  }

  oneOf<V extends string>(key: string, values: readonly V[]): V | undefined {
    const value = this.take(key);
    if (value === undefined || values.includes(value as V)) return value as V | undefined;
    const known = values.map((each) => JSON.stringify(each));
    throw this.wrong(key, `${known.slice(0, -1).join(", ")} or ${known.at(-1)}`, value);
  }

  text(key: string): string | undefined {
    const value = this.take(key);
    if (value === undefined || (typeof value === "string" && value !== "")) return value;
    throw this.wrong(key, "a string that is not empty", value);
  }

  path(key: string): string | undefined {
    const value = this.text(key);
    if (value === undefined || value.startsWith("/")) return value;
    throw this.wrong(key, "a path that starts with `/`", value);
  }

  names(key: string): readonly string[] | undefined {
    const value = this.take(key);
    if (value === undefined) return undefined;
    if (Array.isArray(value) && value.every((item) => typeof item === "string")) return [...value];
    throw this.wrong(key, "an array of names", value);
  }

  /** @throws {LastcallError} for the first option that nobody took. */
  refuseRest(): void {
    for (const [key] of this.#rest) {
      const known = this.#known.map((name) => `\`${this.#prefix}${name}\``).join(", ");
      throw new LastcallError(
        "ERR_LASTCALL_OPTION",
        `Unknown option \`${this.#prefix}${key}\`. Known: ${known}`,
      );
    }
  }

  wrong(key: string, expected: string, got: unknown): LastcallError {
    const name = `${this.#prefix}${key}`.replace(/\.$/, "") || "options";
    return new LastcallError(
      "ERR_LASTCALL_OPTION",
      `Expected \`${name}\` to be ${expected}, got ${describe(got)}`,
    );
  }
}
