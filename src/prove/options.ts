import { isLoopback } from "./address.js";
import { findClash } from "./clash.js";
import { CannotRunError, refuse } from "./errors.js";
import type { Client } from "./ledger.js";
import type { Trust } from "./load/link.js";
import type { ClientCounts, LoadProgress, RatePlan, Spacing } from "./load/protocol.js";
import type { Header } from "./header.js";
import { readPointing, type Pointing } from "./pointing.js";
import type { RequestTemplate } from "./request.js";
import { RequestReader } from "./request-reader.js";
import type { RequestRow } from "./row.js";
import { parseUrl, type ServiceUrl } from "./url.js";

/**
 * What to prove. Times are milliseconds. One of `command`, `pid` or `stopWith`, and `during` says what
 * the proof points at.
 */
export interface ProveOptions {
  /** The service's command and its arguments. It is started directly, without a shell. */
  readonly command?: readonly string[];
  /** A process that is running already. Only `kill` lets it be ended with SIGKILL. */
  readonly pid?: number;
  /** A shell command that makes a running service stop, in place of the signal. */
  readonly stopWith?: string;
  /** A shell command to run under load: a restart, a reload, a rollout. */
  readonly during?: string;
  /**
   * Where a running service listens: `https://staging.example`. A path is the request where
   * `requests` names none. Default for `pid`: the one port it listens on.
   */
  readonly url?: string;
  /** How long the load goes on after the end of `during`. Default: 5 000. */
  readonly tail?: number;
  /** Whether the process `pid` is ended at the end of its grace period. Default: false. */
  readonly kill?: boolean;
  /** Whether the certificate of an https `url` is not checked. Default: false. */
  readonly insecure?: boolean;
  /**
   * Certificates of authorities in PEM, in place of those Node knows. With `tls` the certificate is
   * then checked, and has to name 127.0.0.1.
   */
  readonly ca?: string;
  /** Whether times that are not given are the shorter ones of {@link QUICK}. Default: false. */
  readonly quick?: boolean;
  /**
   * Requests of the HTTP/1.1 load, in turn and by weight: `METHOD /path [body]`, or what was read from
   * a file. Default: `["GET /"]`; with `h2` none, as a service may speak HTTP/2 alone.
   */
  readonly requests?: readonly (string | RequestTemplate)[];
  /** Header fields of every request, unless it has its own of that name. Default: none. */
  readonly headers?: readonly Header[];
  /** Requests whose answer takes long, in flight at the signal. Default: ordinary requests. */
  readonly slow?: readonly string[];
  /** Uploads begun before the signal and ended after it. Default: none. */
  readonly uploads?: readonly string[];
  /** Requests sent on HTTP/2 sessions, in turn. Default: none. */
  readonly h2?: readonly string[];
  /** Paths of WebSockets that stay open. Default: none. */
  readonly websockets?: readonly string[];
  /** Paths of event streams that stay open. Default: none. */
  readonly events?: readonly string[];
  /** Requests whose answer is so long that the service waits for its reader. Default: none. */
  readonly stalled?: readonly string[];
  /** Requests whose answer takes long, sent three at once on one connection. Default: none. */
  readonly pipelined?: readonly string[];
  /** Requests with a body that ask before they send it. Default: none. */
  readonly expecting?: readonly string[];
  /** Path of the readiness probe, asked all the time. Default: none. */
  readonly readiness?: string;
  /** Path of the liveness probe. Default: none. */
  readonly liveness?: string;
  /** Whether the service speaks TLS; its certificate is not checked without `ca`. Default: false. */
  readonly tls?: boolean;
  /** Sends the signal again that long after it; the service then has to give up. Default: not. */
  readonly secondSignal?: number;
  /**
   * Requests per second of an open loop: each is sent when it is due, whatever the service does. It
   * takes the place of the clients `pool` and `fresh` unless `clients` names them. Default: none.
   */
  readonly rate?: number;
  /** The gaps between them: those of independent arrivals, or equal ones. Default: `poisson`. */
  readonly spacing?: Spacing;
  /** Round-trip time added to every connection. Default: 10; 0 to another machine. */
  readonly rtt?: number;
  /** Grace period: from the signal to SIGKILL. Default: 30 000. */
  readonly grace?: number;
  /**
   * Starts the service again with a preload, ends requests in the middle, and lists what still lives on
   * their behalf, each with its line. For Node services. Default: false.
   */
  readonly inspect?: boolean;
  /** How long work may go on after its client has left, with `inspect`. Default: 1 000. */
  readonly inspectWait?: number;
  /** How long after the signal the balancer still sends new connections. Default: 2 000. */
  readonly lag?: number;
  /** Default: SIGTERM. */
  readonly signal?: NodeJS.Signals;
  /** How often the service is started, loaded and stopped. Default: 1. */
  readonly trials?: number;
  /**
   * Replace the service this many times under one load, instead of stopping it once with nowhere
   * to go. Default: 0.
   */
  readonly restarts?: number;
  /** Port the service listens on. Default: a free one, in the environment variable PORT. */
  readonly port?: number;
  /** Load before the signal. Default: 1 000. */
  readonly warmup?: number;
  /** Longest pause of a pool client between an answer and its next request. Default: 20; 100 with `during`. */
  readonly think?: number;
  /** How long the service may take until it answers. Default: 30 000; 5 000 when it runs already. */
  readonly startTimeout?: number;
  /** Determines think times and instants. Default: a random one; the result names it. */
  readonly seed?: number;
  /** Clients of each kind. Default: {@link DEFAULT_CLIENTS}. */
  readonly clients?: Partial<ClientCounts>;
  /** Environment of the service, in place of the prover's own. PORT is set in any case. */
  readonly env?: Readonly<NodeJS.ProcessEnv>;
  /** Told each request's end when its trial is over. */
  readonly onRequest?: (row: RequestRow) => void;
  readonly onProgress?: (progress: ProveProgress) => void;
  /** Ends everything; `prove()` then rejects with PROVE_INTERRUPTED. */
  readonly abort?: AbortSignal;
}

/** Where a running proof is. */
export interface ProveProgress {
  readonly trial: number;
  readonly trials: number;
  readonly phase:
    "starting" | "loading" | "signalled" | "exited" | "rolling" | "tail" | "inspecting";
  readonly load: LoadProgress | null;
}

/** Modest on purpose: prover, service and load share the machine. */
export const DEFAULT_CLIENTS: ClientCounts = {
  pool: 20,
  rate: 256,
  fresh: 4,
  slow: 4,
  upload: 2,
  idle: 8,
  silent: 2,
  "half-head": 2,
  pipeline: 2,
  expect: 4,
  stalled: 2,
  events: 4,
  websocket: 4,
  h2: 4,
  "h2-idle": 4,
};

/** Enough to see what is always lost; what needs luck, a slow balancer or a long stop is not seen. */
const QUICK: Pace = { warmup: 300, lag: 500, grace: 5_000 };
const PACE: Pace = { warmup: 1_000, lag: 2_000, grace: 30_000 };

type Pace = Readonly<Record<"warmup" | "lag" | "grace", number>>;

export interface ResolvedOptions {
  readonly pointing: Pointing;
  readonly requests: readonly RequestTemplate[];
  readonly slow: readonly RequestTemplate[];
  readonly uploads: readonly RequestTemplate[];
  readonly h2: readonly RequestTemplate[];
  readonly websockets: readonly RequestTemplate[];
  readonly events: readonly RequestTemplate[];
  readonly stalled: readonly RequestTemplate[];
  readonly pipelined: readonly RequestTemplate[];
  readonly expecting: readonly RequestTemplate[];
  readonly readiness: RequestTemplate | null;
  readonly liveness: RequestTemplate | null;
  /** Null for plain TCP. */
  readonly tls: Trust | null;
  readonly secondSignal: number | null;
  readonly rate: RatePlan | null;
  readonly rtt: number;
  readonly grace: number;
  readonly inspect: boolean;
  readonly inspectWait: number;
  readonly lag: number;
  readonly signal: NodeJS.Signals;
  readonly trials: number;
  readonly restarts: number;
  readonly warmup: number;
  readonly think: number;
  readonly startTimeout: number;
  readonly seed: number;
  readonly clients: ClientCounts;
  readonly env: Readonly<NodeJS.ProcessEnv>;
}

/** Fills in the defaults. Throws PROVE_BAD_OPTION for what cannot be used. */
export function resolveOptions(options: ProveOptions): ResolvedOptions {
  const clash = findClash(options, (name) => `\`${name}\``);
  if (clash !== undefined) throw new CannotRunError("PROVE_BAD_OPTION", clash);
  if (options.command?.length === 0) refuse("command", "at least one word", options.command);
  if (options.port !== undefined) count("port", options.port, 1);
  if (options.pid !== undefined) count("pid", options.pid, 1);
  if (options.tail !== undefined) time("tail", options.tail);
  const pointing = readPointing(options);
  const url = options.url === undefined ? undefined : parseUrl(options.url);
  const hasStarted = pointing.way !== "start";
  const isHere = url === undefined || isLoopback(url.address);
  const pace = options.quick === true ? QUICK : PACE;
  if (options.requests?.length === 0) refuse("requests", "at least one request", options.requests);
  const read = new RequestReader(options.headers ?? []);
  const h2 = read.requests("h2", options.h2 ?? []);
  const rate = planRate(options);
  return {
    pointing,
    requests: read.requests(
      "requests",
      options.requests ?? (h2.length > 0 ? [] : [`GET ${url?.path ?? "/"}`]),
    ),
    slow: read.requests("slow", options.slow ?? []),
    uploads: read.withoutBody("uploads", options.uploads ?? []),
    h2,
    websockets: read.paths("websockets", options.websockets ?? []),
    events: read.paths("events", options.events ?? []),
    stalled: read.unjudged("stalled", options.stalled ?? []),
    pipelined: read.requests("pipelined", options.pipelined ?? []),
    expecting: read.withoutBody("expecting", options.expecting ?? []),
    readiness: read.path("readiness", options.readiness),
    liveness: read.path("liveness", options.liveness),
    tls: readTrust(options, url),
    secondSignal:
      options.secondSignal === undefined ? null : time("secondSignal", options.secondSignal),
    rate,
    rtt: time("rtt", options.rtt ?? (isHere ? 10 : 0)),
    grace: time("grace", options.grace ?? pace.grace),
    inspect: options.inspect ?? false,
    inspectWait: time("inspectWait", options.inspectWait ?? 1_000),
    lag: time("lag", options.lag ?? pace.lag),
    signal: options.signal ?? "SIGTERM",
    trials: count("trials", options.trials ?? 1, 1),
    restarts: count("restarts", options.restarts ?? 0, 0),
    warmup: time("warmup", options.warmup ?? pace.warmup),
    think: time("think", options.think ?? (pointing.way === "rollout" ? 100 : 20)),
    startTimeout: time("startTimeout", options.startTimeout ?? (hasStarted ? 5_000 : 30_000)),
    seed: count("seed", options.seed ?? Math.floor(Math.random() * 2 ** 32), 0),
    clients: counts({ ...(rate === null ? {} : CLOSED_LOOP_OFF), ...options.clients }),
    env: options.env ?? process.env,
  };
}

/** On loopback any certificate will do: it is the stop that is judged. */
function readTrust({ tls, ca, insecure }: ProveOptions, url: ServiceUrl | undefined): Trust | null {
  const isTls = url?.isTls ?? tls === true;
  if (!isTls) return null;
  const isChecked = url === undefined ? ca !== undefined : insecure !== true;
  return { isChecked, ca: ca ?? null };
}

/** Two loads at once would make the rate another than was asked for. */
const CLOSED_LOOP_OFF = { pool: 0, fresh: 0 } as const;

const MAX_RATE = 100_000;

function planRate({
  rate,
  spacing = "poisson",
  requests,
  h2,
  clients,
}: ProveOptions): RatePlan | null {
  if (rate === undefined) return null;
  if (!(rate > 0 && rate <= MAX_RATE)) {
    refuse("rate", `a number of requests per second up to ${String(MAX_RATE)}`, rate);
  }
  if (requests === undefined && h2 !== undefined && h2.length > 0) {
    refuse("rate", "with `requests`, as it sends HTTP/1.1", rate);
  }
  if (clients?.rate === 0) refuse("clients.rate", "a whole number from 1 up", 0);
  return { perSecond: rate, spacing };
}

function counts(given: Partial<ClientCounts>): ClientCounts {
  const all = { ...DEFAULT_CLIENTS, ...given };
  for (const client of Object.keys(all) as Client[]) count(`clients.${client}`, all[client], 0);
  return all;
}

function time(name: string, value: number): number {
  if (Number.isFinite(value) && value >= 0) return value;
  return refuse(name, "a number of milliseconds from 0 up", value);
}

function count(name: string, value: number, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  return refuse(name, `a whole number from ${String(least)} up`, value);
}
