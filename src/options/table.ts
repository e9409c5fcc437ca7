/**
 * Every option of the library: what `lastcall()` and the methods of a service take. Reading, refusals, the names in the
 * environment and the tables of `docs/options.md` are made from these rows.
 *
 * @module
 */
import type { RegistryOptions } from "../registries/registry-calls.js";
import type { HookOptions } from "../work/hooks.js";
import type { TaskOptions, WaitUntilOptions } from "../work/tasks.js";
import { always, depends, NONE, REQUIRED, serving, share } from "./default-kinds.js";
import * as kinds from "./kinds.js";
import type { Text } from "./kinds.js";
import type {
  AttachOptions,
  CertificateReload,
  LameDuckOptions,
  LastcallOptions,
  ProbeOptions,
  TimeoutOptions,
} from "./options.js";
import type { Group, Options } from "./row.js";

/** How long a response may make no progress while the service serves, in milliseconds. */
export const SEND_SERVING = 60_000;

const LAME_DUCK: Group<LameDuckOptions> = {
  members: {
    min: {
      takes: kinds.time(),
      default: depends("2,000, or `lameDuck.max` where that is less"),
      meaning: "it ends no earlier, however quiet it is; as `lameDuck.max`: a fixed length",
    },
    max: {
      takes: kinds.time(),
      default: depends(
        "1/6 of the grace period, from 2,000 to 5,000, but half of what the other windows leave at most",
      ),
      meaning:
        "how long to go on accepting after readiness turned; [it ends earlier when no client comes any more](lame-duck.md)",
    },
    fall: {
      takes: kinds.count(1, 100),
      default: always(3),
      meaning:
        "how often in a row [a balancer's probe of readiness](lame-duck.md#balancers-that-ask) has to be answered 503 before it lets go: " +
        "the highest threshold of those in front",
    },
  },
  alone: [false],
  type: "`false` or an object",
  default: depends("see `lameDuck.max`"),
  meaning:
    "`false`: no lame duck, which drops requests wherever a balancer needs time to notice; in the environment also " +
    "`lameDuck.max`",
  text: lameDuckText(kinds.durationOrFalse(0)),
};

function lameDuckText({ expected, parse }: Text<number | false>): Text<false | LameDuckOptions> {
  return {
    expected,
    parse: (text) => {
      const max = parse(text);
      return typeof max === "number" ? { max } : max;
    },
  };
}

const TIMEOUTS: Group<TimeoutOptions> = {
  members: {
    idle: {
      takes: kinds.time(),
      default: share(4, 500),
      meaning:
        "how long a connection without a request is kept after the listener closed, counted from its last byte or from " +
        "the drain's start",
    },
    head: {
      takes: kinds.time(1),
      default: share(6, 5_000),
      meaning: "during the drain, how long a request head that has begun may take",
    },
    body: {
      takes: kinds.time(1),
      default: share(3, 10_000),
      meaning: "during the drain, how long a request body may make no progress",
    },
    send: {
      takes: kinds.timeOrFalse(1),
      default: serving(SEND_SERVING, share(3, 10_000)),
      meaning:
        "how long a response may make no progress because its client does not read, while serving too; `false`: for ever, " +
        "or until the deadline",
    },
    goodbye: {
      takes: kinds.time(1),
      default: share(6, 5_000),
      meaning:
        "how long a long-lived connection may stand still after its [goodbye](long-lived.md) before it is destroyed",
    },
  },
  alone: [],
  type: "an object",
  default: depends("see its members"),
  meaning: "how long a connection may stand still",
};

const PROBES_TEXT: Text<boolean | ProbeOptions> = {
  expected: "`true`, `false` or the path of readiness, such as `/readyz`",
  parse: (text) => (text.startsWith("/") ? { ready: text } : kinds.FLAG_TEXT.parse(text)),
};

const PROBES: Group<ProbeOptions> = {
  members: {
    live: {
      takes: kinds.URL_PATH,
      default: always("/livez"),
      meaning: "answers 200 as long as the process can answer",
    },
    ready: {
      takes: kinds.URL_PATH,
      default: always("/readyz"),
      meaning: "answers 200 while ready and 503 otherwise",
    },
    port: {
      takes: kinds.PORT,
      default: NONE,
      meaning:
        "serve the probes on a port of their own instead of every attached server; 0 for a free one, see `service.probePort`",
    },
    host: {
      takes: kinds.text("address"),
      default: NONE,
      meaning: "address of that port; without it, all",
    },
    readyWhileDraining: {
      takes: kinds.FLAG,
      default: always(false),
      meaning: "keep answering 200 to the readiness probe during the drain",
    },
    checks: {
      takes: kinds.callbacks(),
      default: NONE,
      meaning:
        "checks of readiness by name, [see there](concepts.md#readiness-of-your-own): 503 while one throws, rejects, " +
        "returns false or takes longer than `checkTimeout`",
    },
    checkTimeout: {
      takes: kinds.time(1),
      default: always(500),
      meaning: "how long a check may take; shorter than the probe's own timeout",
    },
    checkAge: {
      takes: kinds.time(),
      default: always(1_000),
      meaning: "how old the result of a check may be",
    },
  },
  alone: [true, false],
  type: "boolean or an object",
  default: always(false),
  meaning:
    "answer probes before the application sees them; in the environment also `probes.ready`, a path",
  text: PROBES_TEXT,
};

type Grouped = "lameDuck" | "timeouts" | "probes";

/** The rows of {@link LastcallOptions}. */
export interface LastcallRows extends Options<Omit<LastcallOptions, Grouped>> {
  readonly lameDuck: typeof LAME_DUCK;
  readonly timeouts: typeof TIMEOUTS;
  readonly probes: typeof PROBES;
}

export const LASTCALL: LastcallRows = {
  name: {
    takes: kinds.text(),
    default: always("service"),
    meaning: "names the service in events and reports",
  },
  gracePeriod: {
    takes: kinds.time(200),
    default: always(30_000),
    meaning:
      "the whole budget, from the signal to the forced end; Kubernetes' `terminationGracePeriodSeconds`, " +
      "[less a preStop hook's time](concepts.md#prestop)",
  },
  lameDuck: LAME_DUCK,
  abortWindow: {
    takes: kinds.time(),
    default: share(15, 2_000),
    meaning: "how long before the cut the signals of unfinished requests and tasks abort",
  },
  closingWindow: {
    takes: kinds.time(),
    default: share(6, 5_000),
    meaning: "reserved for the hooks, at the end",
  },
  margin: {
    takes: kinds.time(),
    default: share(30, 1_000),
    meaning:
      "kept free before the kill, for what cannot be measured from inside; the drain is over by then",
  },
  timeouts: TIMEOUTS,
  closeSpread: {
    takes: kinds.time(),
    default: share(10, 3_000),
    meaning:
      "the window, after the listener closed, over which idle connections are closed and [goodbyes](long-lived.md) are " +
      "said; a hundred per second leave sooner",
  },
  repeatWindow: {
    takes: kinds.time(),
    default: always(250),
    meaning:
      "how long after the first signal another one is the [same stop told again](signals.md); 0: every later one cuts",
  },
  signals: {
    takes: kinds.SIGNALS,
    default: always(["SIGTERM", "SIGINT"]),
    meaning:
      "signals that start the drain and, told again later than `repeatWindow`, end the process; `false`: none, the " +
      "program calls `drain()` itself",
  },
  exit: {
    takes: kinds.FLAG,
    default: always(true),
    meaning:
      "whether a drain that a signal started, or a [task that failed](background-work.md#when-a-task-fails), ends the " +
      "process; with `false` only `process.exitCode` is set",
  },
  development: {
    takes: kinds.FLAG,
    default: NONE,
    meaning:
      "whether what stops the process is someone who [waits for its successor](development.md): no lame duck, two " +
      "seconds in all; without it, whether a watcher such as `node --watch`, nodemon or `tsx watch` runs the process",
  },
  uncaughtException: {
    takes: kinds.oneOf("crash", "drain"),
    default: always("crash"),
    meaning:
      "what follows, while the service serves, when " +
      "[something is thrown or rejects](concepts.md#when-something-is-thrown) that nothing catches",
  },
  currentSignal: {
    takes: kinds.FLAG,
    default: always(false),
    meaning:
      "whether [`currentSignal()`](cancellation.md#the-current-signal) finds the request whose handler runs",
  },
  longLived: {
    takes: kinds.callback(),
    default: NONE,
    meaning:
      "says of a request (`method`, `url`, `headers`) whether it is " +
      "[long-lived](long-lived.md#event-streams-of-others), so that it is let go after the listener closed; undefined, " +
      "or without the option: a GET that accepts `text/event-stream` and is given it",
  },
  probes: PROBES,
  untracked: {
    takes: kinds.oneOf("warn", "wait", "fail"),
    default: always("warn"),
    meaning:
      "what to do when [something is alive at the end](background-work.md#work-that-lastcall-was-not-told-of) of which lastcall was " +
      "not told, and the exit would cut it",
  },
  report: {
    takes: kinds.destination(),
    default: always("stderr"),
    meaning:
      "where the [report](report.md) of a drain goes: one JSON line on stderr, nowhere (`false`), or to a function",
  },
};

const RELOAD_CERTIFICATE: Group<CertificateReload> = {
  members: {
    keyFile: { takes: kinds.FILE, default: REQUIRED, meaning: "the private key, PEM" },
    certFile: {
      takes: kinds.FILE,
      default: REQUIRED,
      meaning: "the certificate with its chain, PEM",
    },
    caFile: {
      takes: kinds.FILE,
      default: depends("those that the server has"),
      meaning: "authorities of client certificates, PEM",
    },
    passphrase: {
      takes: kinds.text(),
      default: depends("the one that the server has"),
      meaning: "of the key, where it is encrypted",
    },
    signal: {
      takes: kinds.OTHER_SIGNAL,
      default: always("SIGHUP"),
      meaning: "when; no signal that starts the drain",
    },
  },
  alone: [],
  type: "an object",
  default: NONE,
  meaning: "read the certificate of a TLS server [again when a signal comes](certificates.md)",
};

/** The rows of {@link AttachOptions}. */
export interface AttachRows extends Options<Omit<AttachOptions, "reloadCertificate">> {
  readonly reloadCertificate: typeof RELOAD_CERTIFICATE;
}

export const ATTACH: AttachRows = {
  listens: {
    takes: kinds.FLAG,
    default: always(true),
    meaning:
      'whether the server is told to listen; `false`: another server hands it its connections, by `emit("connection")`, ' +
      "and readiness does not wait for it",
  },
  reloadCertificate: RELOAD_CERTIFICATE,
};

export const TASK: Options<TaskOptions> = {
  kind: {
    takes: kinds.oneOf("consumer", "sink"),
    default: always("consumer"),
    meaning:
      "a consumer takes its work from elsewhere, and is told to stop when the drain begins; a sink " +
      "[takes what requests and consumers hand it](background-work.md#sinks), and is told once they are over",
  },
  onFailure: {
    takes: kinds.oneOf("report", "stop"),
    default: always("report"),
    meaning:
      "what follows when it fails before the drain: a warning, or " +
      "[the end of the service](background-work.md#when-a-task-fails) too",
  },
};

export const WAIT_UNTIL: Options<WaitUntilOptions> = {
  name: { takes: kinds.text(), default: always("waitUntil"), meaning: "what the report calls it" },
  request: {
    takes: kinds.anything("a request"),
    default: depends("`currentRequest()`, with the option `currentSignal`"),
    meaning: "the request it [belongs to](background-work.md#work-of-a-request)",
  },
};

export const HOOK: Options<HookOptions> = {
  stage: {
    takes: kinds.oneOf("draining", "closing", "last"),
    default: always("closing"),
    meaning: "[when it runs](concepts.md#hooks)",
  },
  timeout: {
    takes: kinds.time(1),
    default: depends("the window of its stage"),
    meaning: "how long it may take",
  },
  after: {
    takes: kinds.NAMES,
    default: depends(
      "`closing`: the hook registered next without `after`, the reverse order of registration; else `[]`",
    ),
    meaning: "hooks of the same stage that must have ended before this one starts; `[]`: none",
  },
};

export const REGISTRY: Options<RegistryOptions> = {
  ttl: {
    takes: kinds.time(1),
    default: NONE,
    meaning:
      "how long the registry keeps an entry that it hears nothing of: the beat comes every third of it, and a leave that " +
      "failed counts as so long; required by `beat`",
  },
  settle: {
    takes: kinds.time(),
    default: depends("`lameDuck.min`"),
    meaning:
      "how long readers may take to see that the instance has left; the listeners close no earlier after the last leave",
  },
  timeout: {
    takes: kinds.time(1),
    default: always(2_000),
    meaning: "how long each call may take, and leaving in all, with what is tried again",
  },
  onFailure: {
    takes: kinds.oneOf("warn", "fail"),
    default: always("warn"),
    meaning:
      "what follows when leaving fails: a warning, or the outcome `failed` and exit code 1 too",
  },
};
