/**
 * The options as a program writes them.
 *
 * @module
 */
import type { Check } from "../probes/checks.js";
import type { UntrackedPolicy } from "../phase.js";
import type { DrainReport } from "../report.js";
import type { CertificateFiles } from "../server/listener/certificate.js";
import type { RequestHead } from "../server/long-lived/event-source.js";

/**
 * Options of {@link lastcall}. Times are milliseconds. Windows that are not given are shares of the
 * grace period; windows that are given are taken as they are, and must fit.
 */
export interface LastcallOptions {
  /** Names the service in events and reports. Default: `"service"`. */
  name?: string;
  /**
   * The whole budget, from the signal to the forced end: what Kubernetes calls
   * `terminationGracePeriodSeconds`, less what a preStop hook takes: its time passes before the signal
   * and comes off the same grant. At least 200. Default: 30,000.
   */
  gracePeriod?: number;
  /**
   * Kept free before the kill, for what cannot be measured from inside: the time until the signal
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
  /** How long a connection may stand still. */
  timeouts?: TimeoutOptions;
  /**
   * The window, after the listener closed, over which idle connections are closed and goodbyes are
   * said, so that clients do not all come back at once. A hundred per second leave sooner. Must be
   * shorter than what the other windows leave for requests in flight.
   * Default: 1/10 of the grace period, 3,000 at most.
   */
  closeSpread?: number;
  /**
   * How long after the first signal another one is the same stop told again, and changes nothing: npm, nodemon, systemd
   * and PM2 send two or three within some ten milliseconds. One that comes later cuts. 0: every one after the first cuts.
   * Default: 250, less than a person needs for a second Ctrl-C.
   */
  repeatWindow?: number;
  /**
   * Signals that start the drain and, told again later than `repeatWindow`, end the process. `false`: none, the program
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
  currentSignal?: boolean;
  /**
   * Says whether a request is long-lived, so that its answer has no end that could be waited for: an endless stream, a watch. It is
   * let go after the listener closed, in its turn within the `closeSpread` window: its signal aborts, and if the application does
   * not end it, it is torn, between two events where that can be seen. Its client must come back by itself. Every other
   * request is waited for. Asked once the drain has begun. Where it returns undefined, and without it, a GET is long-lived that accepts
   * `text/event-stream` and is given it. Default: none.
   */
  longLived?: (req: RequestHead) => boolean | undefined;
  /**
   * Whether what stops the process is someone who waits for its successor: no lame duck, silent connections are
   * closed at once, and all of the drain has two seconds. Without it: whether a watcher such as `node --watch`, nodemon or
   * `tsx watch` runs the process. Default: none.
   */
  development?: boolean;
  /**
   * What follows, while the service serves, when something is thrown or a promise rejects that nothing catches.
   * `crash`: what Node does, every request in flight is lost. `drain`: the service stops in order, the outcome is
   * `failed` and the exit code 1; a second one ends the process at once. Default: `"crash"`.
   */
  uncaughtException?: "crash" | "drain";
  /** Answer probes before the application sees them. Default: `false`. */
  probes?: boolean | ProbeOptions;
  /**
   * What to do when something is alive at the end of a drain of which lastcall was not told, and the exit would cut it.
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

/** Bounds of the lame duck. In between it ends when no client comes any more; see `docs/lame-duck.md`. */
export interface LameDuckOptions {
  /**
   * It ends no earlier, however quiet it is. Balancers that probe need the time of their probes. As
   * `lameDuck.max`: the phase has a fixed length. Default: 2,000, or `lameDuck.max` where that is less.
   */
  min?: number;
  /**
   * It ends no later.
   * Default: 1/6 of the grace period, from 2,000 to 5,000, but half of what the other windows leave at most.
   */
  max?: number;
  /**
   * How many times in a row a balancer's probe of readiness has to be answered 503 before it lets go: the highest of those in
   * front. HAProxy's `fall`, Envoy's `unhealthy_threshold`, the unhealthy threshold of a target group.
   * Default: 3.
   */
  fall?: number;
}

/**
 * How long a connection may stand still before it is closed: during the drain, and `send` always. Of 0, which elsewhere
 * means never and here would cut everything at once, only `idle` makes sense.
 */
export interface TimeoutOptions {
  /**
   * How long a connection without a request is kept after the listener closed, counted from its last
   * byte or from the drain's start: a request may be on its way.
   * Default: 1/4 of the grace period, 500 at most.
   */
  idle?: number;
  /**
   * During the drain, how long a request head that has begun may take.
   * Default: 1/6 of the grace period, 5,000 at most.
   */
  head?: number;
  /**
   * During the drain, how long a request body may make no progress.
   * Default: 1/3 of the grace period, 10,000 at most.
   */
  body?: number;
  /**
   * How long a response may make no progress because its client does not read, always: while serving
   * too. `false`: for ever, or until the drain's deadline.
   * Default: 60,000; during the drain 1/3 of the grace period, 10,000 at most.
   */
  send?: number | false;
  /**
   * How long a long-lived connection may stand still after its goodbye, see
   * {@link Service.goodbye}, before it is destroyed. Default: 1/6 of the grace period, 5,000 at most.
   */
  goodbye?: number;
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
  readyWhileDraining?: boolean;
  /**
   * Checks of readiness by name: a database that answers, a cache that is warm. Readiness answers 503 while one of
   * them throws, rejects, returns false or takes longer than `checkTimeout`. They are asked while the service is
   * ready, and not during the drain. Default: none.
   */
  checks?: Readonly<Record<string, Check>>;
  /**
   * How long a check may take. Shorter than the probe's own timeout, which is one second in Kubernetes, or it is that
   * which fails. Default: 500.
   */
  checkTimeout?: number;
  /** How old the result of a check may be, so that many probes do not make many checks. Default: 1,000. */
  checkAge?: number;
}

/** Options of {@link Service.attach}. */
export interface AttachOptions {
  /**
   * Whether the server is told to listen. `false`: another server hands it its connections, by
   * `emit("connection")`, and readiness does not wait for it. Default: `true`.
   */
  listens?: boolean;
  /** Read the certificate of a TLS server again when a signal comes. Default: none. */
  reloadCertificate?: CertificateReload;
}

/** From where, and when, a server's certificate is read again. */
export interface CertificateReload extends CertificateFiles {
  /** The signal; none that starts the drain. Default: `"SIGHUP"`. */
  signal?: NodeJS.Signals;
}
