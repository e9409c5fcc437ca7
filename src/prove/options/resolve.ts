import { CannotRunError, refuse } from "../facts/errors.js";
import type { Client, ClientCounts } from "../facts/ledger.js";
import { isLoopback } from "../request/address.js";
import { parseStatuses, type Expectation } from "../request/expectation.js";
import { isFieldName } from "../request/header.js";
import { RequestReader } from "../request/request-reader.js";
import type { RequestTemplate } from "../request/request.js";
import { parseUrl, type ServiceUrl } from "../request/url.js";
import { findClash } from "./clash.js";
import type { ProveOptions } from "./options.js";
import { GRACE_MS, PACE, QUICK } from "./pace.js";
import { readPointing, type Pointing } from "./pointing.js";
import type { RatePlan } from "./rate.js";
import type { Trust } from "./trust.js";

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
  readonly repeatSignal: number | null;
  readonly signalGroup: boolean;
  readonly pid1: boolean;
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
  /** In lower case; null for none. */
  readonly instanceHeader: string | null;
  readonly balancerKeepalive: number | null;
  /** A shell command or a URL; null for neither. */
  readonly effects: string | null;
  readonly connectTimeout: number;
  readonly silence: number;
  readonly startTimeout: number;
  readonly seed: number;
  readonly clients: ClientCounts;
  readonly env: Readonly<NodeJS.ProcessEnv>;
}

/** Fills in the defaults of options that `checkOptions` let pass. Throws PROVE_BAD_OPTION for what cannot be used. */
export function resolveOptions(options: ProveOptions): ResolvedOptions {
  const clash = findClash(options, (name) => `\`${name}\``);
  if (clash !== undefined) throw new CannotRunError("PROVE_BAD_OPTION", clash);
  if (options.command?.length === 0) refuse("command", "at least one word", options.command);
  const pointing = readPointing(options);
  const url = options.url === undefined ? undefined : parseUrl(options.url);
  const hasStarted = pointing.way !== "start";
  const isHere = url === undefined || isLoopback(url.address);
  const pace = options.quick === true ? QUICK : PACE;
  if (options.requests?.length === 0) refuse("requests", "at least one request", options.requests);
  const read = new RequestReader(options.headers ?? [], readStatuses(options.expectStatus));
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
    secondSignal: options.secondSignal ?? null,
    repeatSignal: options.repeatSignal ?? null,
    signalGroup: options.signalGroup ?? false,
    pid1: options.pid1 ?? false,
    rate,
    rtt: options.rtt ?? (isHere ? 10 : 0),
    grace: options.grace ?? GRACE_MS,
    inspect: options.inspect ?? false,
    inspectWait: options.inspectWait ?? 1_000,
    lag: options.lag ?? pace.lag,
    signal: options.signal ?? "SIGTERM",
    trials: options.trials ?? 1,
    restarts: options.restarts ?? 0,
    warmup: options.warmup ?? pace.warmup,
    think: options.think ?? (pointing.way === "rollout" ? 100 : 20),
    instanceHeader: readField(options.instanceHeader),
    balancerKeepalive: options.balancerKeepalive ?? null,
    effects: options.effects ?? null,
    connectTimeout: options.connectTimeout ?? 5_000,
    silence: options.silence ?? 5_000,
    startTimeout: options.startTimeout ?? (hasStarted ? 5_000 : 30_000),
    seed: options.seed ?? Math.floor(Math.random() * 2 ** 32),
    clients: counts({ ...(rate === null ? {} : CLOSED_LOOP_OFF), ...options.clients }),
    env: options.env ?? process.env,
  };
}

function readField(name: string | undefined): string | null {
  if (name === undefined) return null;
  if (isFieldName(name)) return name.toLowerCase();
  return refuse("instanceHeader", "the name of a field such as X-Pod", name);
}

function readStatuses(text: string | undefined): Expectation["statuses"] {
  if (text === undefined) return undefined;
  return parseStatuses(text) ?? refuse("expectStatus", "statuses such as `2xx,404`", text);
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
  for (const client of Object.keys(all) as Client[]) {
    const count = all[client];
    if (Number.isSafeInteger(count) && count >= 0) continue;
    refuse(`clients.${client}`, "a whole number from 0 up", count);
  }
  return all;
}
