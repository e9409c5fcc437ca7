// options/: what was asked for. This file is the table of all options; check.ts, clash.ts and resolve.ts read from
// it, and so do the command line and its page.
import type { ProveOptions } from "./options.js";

type Name = keyof ProveOptions;

/** What a value has to be, and how it is read from a word of the command line. */
export type Kind =
  | "flag"
  | "text"
  | "words"
  | "time"
  | "count"
  | "template"
  | "request"
  | "bodiless request"
  | "path"
  | "file"
  | "files"
  | "route"
  | "header"
  | "field name"
  | "statuses"
  | "rate"
  | "spacing"
  | "signal"
  | "clients"
  | "environment"
  | "function"
  | "abort signal";

/** Under which heading an option stands. */
export type Group = "what to prove" | "the load" | "the stop" | "output" | "more options";

/** One option: how it is given, what it means, and what it does not go with. */
export interface OptionRow {
  readonly kind: Kind;
  readonly group: Group;
  /** On the command line; absent for what only a program can give. */
  readonly flag?: `--${string}`;
  /** What stands for its value, such as `TIME`; absent for a flag. */
  readonly value?: string;
  readonly isRepeatable?: boolean;
  readonly help: string;
  /** As it would be written on the command line, or in words; absent for none. */
  readonly default?: string;
  /** The whole numbers it may be. */
  readonly range?: readonly [least: number, most: number];
  /** Options it makes no sense with, and why. */
  readonly not?: Partial<Readonly<Record<Name, string>>>;
  /** Options of which it needs one, and why. */
  readonly needs?: readonly [others: readonly Name[], why: string];
}

const NO_COMMAND = "only a command can be started again";
const NO_PRELOAD = "only a command can be started with the preload";
const NOT_SIGNALLED = "nothing is signalled";
const NOT_IN_FLIGHT = "there is no signal to be in flight at";
const STOPS_ITSELF = "the command makes it stop";

/** Every option of `prove()`, in the order in which they are listed. */
export const OPTIONS: Readonly<Record<Name, OptionRow>> = {
  command: {
    kind: "words",
    group: "what to prove",
    help: "the command that starts the service",
  },
  pid: {
    flag: "--pid",
    value: "N",
    kind: "count",
    range: [1, 2 ** 31 - 1],
    group: "what to prove",
    help: "a process that runs already, to be signalled",
  },
  stopWith: {
    flag: "--signal-with",
    value: "'COMMAND'",
    kind: "text",
    group: "what to prove",
    help: "a shell command that makes it stop, in place of the signal",
    needs: [["url", "port", "pid"], "where does it listen?"],
  },
  during: {
    flag: "--during",
    value: "'COMMAND'",
    kind: "text",
    group: "what to prove",
    help: "a shell command to run under load",
    needs: [["url", "port"], "where does it listen?"],
  },
  url: {
    flag: "--url",
    value: "URL",
    kind: "text",
    group: "what to prove",
    help: "where it listens, also unix:/path; a path is the request (with --pid: the one port it has)",
    not: {
      port: "the URL has the port",
    },
    needs: [["command", "pid", "stopWith", "during"], "how does it stop?"],
  },
  port: {
    flag: "--port",
    value: "N",
    kind: "count",
    range: [1, 65_535],
    group: "what to prove",
    help: "the port the service listens on, given in PORT",
    default: "a free one",
    not: { restarts: "two generations run at once" },
  },
  tls: {
    flag: "--tls",
    kind: "flag",
    group: "what to prove",
    help: "the service speaks TLS; its certificate is not checked",
  },
  insecure: {
    flag: "--insecure",
    kind: "flag",
    group: "what to prove",
    help: "does not check the certificate of an https URL",
    not: { ca: "either it is checked or it is not" },
    needs: [["url"], "elsewhere no certificate is checked"],
  },
  ca: {
    flag: "--ca",
    value: "FILE",
    kind: "file",
    group: "what to prove",
    help: "authorities in PEM; --tls then checks the certificate",
    default: "Node's",
    needs: [["tls", "url"], "there is no certificate"],
  },
  instanceHeader: {
    flag: "--instance-header",
    value: "NAME",
    kind: "field name",
    group: "what to prove",
    help: "the field of an answer that names what answered, for --during: X-Pod",
    needs: [["during"], "elsewhere there is one instance at a time"],
  },
  effects: {
    flag: "--effects",
    value: "'COMMAND'",
    kind: "text",
    group: "what to prove",
    help: "tells afterwards which requests took effect, or a URL that does: an id a line, or JSON",
  },
  env: {
    kind: "environment",
    group: "what to prove",
    help: "the service's environment, in place of the program's own",
  },
  requests: {
    flag: "--request",
    value: "'METHOD /path [body]'",
    kind: "template",
    isRepeatable: true,
    group: "the load",
    help: "a request of the load; {{id}} becomes its id",
    default: "GET /",
  },
  http: {
    flag: "--http",
    value: "FILE",
    kind: "files",
    isRepeatable: true,
    group: "the load",
    help: "the requests of a .http file",
  },
  har: {
    flag: "--har",
    value: "FILE",
    kind: "files",
    isRepeatable: true,
    group: "the load",
    help: "the requests of a recording",
  },
  openapi: {
    flag: "--openapi",
    value: "FILE",
    kind: "files",
    isRepeatable: true,
    group: "the load",
    help: "a request for each operation of an OpenAPI 3 document",
  },
  allow: {
    flag: "--allow",
    value: "'METHOD /path'",
    kind: "route",
    isRepeatable: true,
    group: "the load",
    help: "sends an unsafe request of a file too; * stands for a part of the path",
  },
  allowUnsafe: {
    flag: "--allow-unsafe",
    kind: "flag",
    group: "the load",
    help: "sends all of them",
  },
  headers: {
    flag: "--header",
    value: "'Name: value'",
    kind: "header",
    isRepeatable: true,
    group: "the load",
    help: "a field of every request",
  },
  expectStatus: {
    flag: "--expect-status",
    value: "LIST",
    kind: "statuses",
    group: "the load",
    help: "statuses of a right answer, such as 2xx,404",
    default: "below 500, if not all are 3xx or 4xx",
  },
  rate: {
    flag: "--rate",
    value: "N",
    kind: "rate",
    group: "the load",
    help: "sends N requests a second, whatever the service does, in place of pool and fresh",
  },
  spacing: {
    flag: "--spacing",
    value: "KIND",
    kind: "spacing",
    group: "the load",
    help: "their gaps: poisson or even",
    default: "poisson",
  },
  slow: {
    flag: "--slow",
    value: "'METHOD /path [body]'",
    kind: "request",
    isRepeatable: true,
    group: "the load",
    help: "a request whose answer takes long, in flight at the signal",
  },
  uploads: {
    flag: "--upload",
    value: "'METHOD /path'",
    kind: "bodiless request",
    isRepeatable: true,
    group: "the load",
    help: "an upload begun before the signal and ended after it",
    not: { during: NOT_IN_FLIGHT },
  },
  h2: {
    flag: "--h2",
    value: "'METHOD /path [body]'",
    kind: "request",
    isRepeatable: true,
    group: "the load",
    help: "a request on HTTP/2; without --request the load is HTTP/2 alone",
  },
  websockets: {
    flag: "--websocket",
    value: "/path",
    kind: "path",
    isRepeatable: true,
    group: "the load",
    help: "a WebSocket that stays open; it must end with 1001 or 1012",
  },
  events: {
    flag: "--events",
    value: "/path",
    kind: "path",
    isRepeatable: true,
    group: "the load",
    help: "an event stream that stays open; it must end after a whole event",
  },
  stalled: {
    flag: "--stalled",
    value: "'METHOD /path [body]'",
    kind: "request",
    isRepeatable: true,
    group: "the load",
    help: "a request with a long answer (16 MB or more) whose client stops reading",
    not: { during: NOT_IN_FLIGHT },
  },
  pipelined: {
    flag: "--pipeline",
    value: "'METHOD /path [body]'",
    kind: "request",
    isRepeatable: true,
    group: "the load",
    help: "a request whose answer takes long, sent three at once on one connection",
    not: { during: NOT_IN_FLIGHT },
  },
  expecting: {
    flag: "--expect-continue",
    value: "'METHOD /path'",
    kind: "bodiless request",
    isRepeatable: true,
    group: "the load",
    help: "a request with a body that asks before it sends it",
    not: { during: NOT_IN_FLIGHT },
  },
  clients: {
    flag: "--clients",
    value: "KIND=N[,KIND=N…]",
    kind: "clients",
    group: "the load",
    help: "how many clients of each kind",
    default:
      "pool=20, fresh=4, slow=4, upload=2, idle=8, silent=2, half-head=2; with their options pipeline=2, expect=4, stalled=2, events=4, websocket=4, h2=4, h2-idle=4; with --rate rate=256 at most, pool=0, fresh=0",
  },
  rtt: {
    flag: "--rtt",
    value: "TIME",
    kind: "time",
    group: "the load",
    help: "round-trip time added to every connection",
    default: "10ms",
  },
  warmup: {
    flag: "--warmup",
    value: "TIME",
    kind: "time",
    group: "the load",
    help: "load before the signal",
    default: "1s",
  },
  think: {
    flag: "--think",
    value: "TIME",
    kind: "time",
    group: "the load",
    help: "longest pause of a pool client",
    default: "20ms",
  },
  connectTimeout: {
    flag: "--connect-timeout",
    value: "TIME",
    kind: "time",
    group: "the load",
    help: "how long a connection may take until it is made",
    default: "5s",
  },
  tail: {
    flag: "--tail",
    value: "TIME",
    kind: "time",
    group: "the load",
    help: "load after the end of --during",
    default: "5s",
    needs: [["during"], "it is the time after that command"],
  },
  seed: {
    flag: "--seed",
    value: "N",
    kind: "count",
    range: [0, 2 ** 32 - 1],
    group: "the load",
    help: "repeats the think times of an earlier run",
    default: "random",
  },
  signal: {
    flag: "--signal",
    value: "NAME",
    kind: "signal",
    group: "the stop",
    help: "the signal that asks the service to stop",
    default: "SIGTERM",
    not: { stopWith: STOPS_ITSELF, during: NOT_SIGNALLED },
  },
  signalGroup: {
    flag: "--signal-group",
    kind: "flag",
    group: "the stop",
    help: "signals the whole group of the command, as terminals and systemd do",
    not: {
      pid: "only what was started here is known to lead its group",
      stopWith: STOPS_ITSELF,
      during: NOT_SIGNALLED,
    },
  },
  pid1: {
    flag: "--pid1",
    kind: "flag",
    group: "the stop",
    help: "starts the command as PID 1 of a PID namespace, as a container does (Linux)",
    not: {
      pid: "what runs already has its number",
      stopWith: STOPS_ITSELF,
      during: NOT_SIGNALLED,
      signalGroup: "a container's runtime signals its first process alone",
    },
  },
  secondSignal: {
    flag: "--second-signal",
    value: "TIME",
    kind: "time",
    group: "the stop",
    help: "sends it again that long after: the service must give up, with code 128 + n",
    not: {
      restarts: "a second signal asks for losses",
      stopWith: "a command is no signal",
      during: NOT_SIGNALLED,
    },
  },
  repeatSignal: {
    flag: "--repeat-signal",
    value: "TIME",
    kind: "time",
    group: "the stop",
    help: "sends it again that soon after, such as 20ms: the same stop told twice must cut nothing",
    not: {
      secondSignal: "one is the same stop told twice, the other a stop that is called off",
      stopWith: "a command is no signal",
      during: NOT_SIGNALLED,
    },
  },
  grace: {
    flag: "--grace",
    value: "TIME",
    kind: "time",
    group: "the stop",
    help: "from the signal to SIGKILL",
    default: "30s",
  },
  kill: {
    flag: "--kill",
    kind: "flag",
    group: "the stop",
    help: "ends the process of --pid at the end of its grace period",
    needs: [["pid"], "what was started here is ended in any case"],
  },
  lag: {
    flag: "--lag",
    value: "TIME",
    kind: "time",
    group: "the stop",
    help: "how long the balancer goes on sending new connections after the signal",
    default: "1.5s",
    not: { during: "the real balancer is there" },
  },
  balancerKeepalive: {
    flag: "--balancer-keepalive",
    value: "TIME",
    kind: "time",
    group: "the stop",
    help: "how long the balancer keeps idle connections; the service must keep them longer",
    not: { during: "what answers there is the balancer itself" },
  },
  readiness: {
    flag: "--readiness",
    value: "/path",
    kind: "path",
    group: "the stop",
    help: "the readiness probe; it must fail before the listener closes",
  },
  liveness: {
    flag: "--liveness",
    value: "/path",
    kind: "path",
    group: "the stop",
    help: "the liveness probe; it must not fail while the service stops",
  },
  trials: {
    flag: "--trials",
    value: "N",
    kind: "count",
    range: [1, 100_000],
    group: "the stop",
    help: "how often to start, load and stop the service",
    default: "1",
    not: { pid: NO_COMMAND, stopWith: NO_COMMAND },
  },
  restarts: {
    flag: "--restarts",
    value: "N",
    kind: "count",
    range: [0, 100_000],
    group: "the stop",
    help: "replace the service N times under one load instead of stopping it once",
    default: "0",
    not: { pid: NO_COMMAND, stopWith: NO_COMMAND, during: NO_COMMAND },
  },
  silence: {
    flag: "--silence",
    value: "TIME",
    kind: "time",
    group: "the stop",
    help: "how long --during or --restarts may leave the load without any answer",
    default: "5s",
  },
  quick: {
    flag: "--quick",
    kind: "flag",
    group: "more options",
    help: "a shorter warmup (300ms) and lag (500ms)",
  },
  inspect: {
    flag: "--inspect",
    kind: "flag",
    group: "more options",
    help: "for Node services: also lists what lives on after requests that are over, with its line",
    not: { pid: NO_PRELOAD, stopWith: NO_PRELOAD, during: NO_PRELOAD },
  },
  inspectWait: {
    flag: "--inspect-wait",
    value: "TIME",
    kind: "time",
    group: "more options",
    help: "how long work may outlive its client",
    default: "1s",
  },
  startTimeout: {
    flag: "--start-timeout",
    value: "TIME",
    kind: "time",
    group: "more options",
    help: "how long the service may take to answer",
    default: "30s",
  },
  onRequest: { kind: "function", group: "output", help: "told each request's end" },
  onOutput: { kind: "function", group: "output", help: "told each line the service writes" },
  onProgress: { kind: "function", group: "output", help: "told where the run is" },
  abort: { kind: "abort signal", group: "more options", help: "ends everything" },
};
