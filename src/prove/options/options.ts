import type { ClientCounts, LoadProgress } from "../facts/ledger.js";
import type { OutputLine } from "../facts/stop.js";
import type { RequestRow } from "../facts/row.js";
import type { Header } from "../request/header.js";
import type { RequestTemplate } from "../request/request.js";
import type { TrafficFiles } from "../traffic/gather.js";
import type { Spacing } from "./rate.js";

/**
 * What to prove. Times are milliseconds. One of `command`, `pid` or `stopWith`, and `during` says what
 * the proof points at.
 */
export interface ProveOptions extends TrafficFiles {
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
  /**
   * The field of an answer that names what answered, such as `X-Pod`: findings about `during` then say
   * which instance lost, and when that was in its own stop. Default: none.
   */
  readonly instanceHeader?: string;
  /**
   * How often each request took effect, asked when the load is over: a shell command that prints it, or an
   * http URL. Ids are those of `{{id}}` and `X-Request-Id`: one a line, or JSON. Default: not asked.
   */
  readonly effects?: string;
  /**
   * How long the balancer in front keeps a connection without requests. The service has to keep it for longer: that
   * is read from its answers, or else waited for before the load. Default: not asked.
   */
  readonly balancerKeepalive?: number;
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
   * Sends the signal again that long after it, as wrappers and terminals do that tell one stop twice. The
   * service has to take it for the same stop. Default: not.
   */
  readonly repeatSignal?: number;
  /** Whether the signal goes to the whole group of the command, as terminals do. Default: false. */
  readonly signalGroup?: boolean;
  /** Whether the command is PID 1 of a PID namespace of its own, as in a container. Linux. Default: false. */
  readonly pid1?: boolean;
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
  /** How long after the signal the balancer still sends new connections. Default: 1 500. */
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
  /** How long a connection may take until it is made. Default: 5 000. */
  readonly connectTimeout?: number;
  /**
   * Statuses of a right answer, such as `2xx,404`, for requests that expect nothing themselves. Default:
   * those below 500, unless there is nothing but 3xx and 4xx before the signal: then nothing was served.
   */
  readonly expectStatus?: string;
  /**
   * How long a command or restarts may leave the load without any answer. Default: 5 000, or twice the
   * longest such time before.
   */
  readonly silence?: number;
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
  /** Told each line that a started service writes, and when it is signalled and ends. */
  readonly onOutput?: (line: OutputLine) => void;
  readonly onProgress?: (progress: ProveProgress) => void;
  /** Ends everything; `prove()` then rejects with PROVE_INTERRUPTED once that is done. */
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
