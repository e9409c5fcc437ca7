import { setMaxListeners } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";

import { planBudget, planSpread, type Budget } from "./budget.js";
import { Drain, type Parts } from "./drain.js";
import {
  attempt,
  checkName,
  checkNamed,
  describe,
  LastcallError,
  wrongArgument,
} from "./errors.js";
import { Events, type EventName, type Listener, type WarningCode } from "./events.js";
import {
  readAttachOptions,
  readOptions,
  Reader,
  type AttachOptions,
  type LastcallOptions,
  type Settings,
} from "./options.js";
import { isLegal, isStopping, type Phase } from "./phase.js";
import { Probes } from "./probes.js";
import { Recorder } from "./recorder.js";
import { EXIT_CODES, writeReport, type DrainReport, type TaskReport } from "./report.js";
import { currentRequest, inContext, inNoContext, type InContext } from "./request/ambient.js";
import type { AnyRequest } from "./request/signal.js";
import { checkServer, type AttachableServer } from "./server/attachable.js";
import { AttachedServer } from "./server/attached.js";
import type { CertificateContents, CertificateFiles } from "./server/certificate.js";
import { Certificates } from "./server/certificates.js";
import { Farewells, type Closable, type Farewell } from "./server/farewells.js";
import { ProcessWatch } from "./signals.js";
import { Hooks, type HookFunction, type HookOptions } from "./work/hooks.js";
import { Untracked } from "./work/untracked.js";
import { Tasks, type TaskFunction, type TaskOptions, type WaitUntilOptions } from "./work/tasks.js";

/** Servers in somebody's care: two services on one server would undo each other. */
const attachedTo = new WeakMap<AttachableServer, Service>();

/**
 * Makes a service: what owns the orderly stop of this process' servers, tasks and hooks.
 * It installs its signal listeners at once and does nothing else until something is attached.
 *
 * @throws {LastcallError} `ERR_LASTCALL_OPTION` for an option that is unknown or wrong,
 * `ERR_LASTCALL_BUDGET` when the windows do not fit into the grace period.
 */
export function lastcall(options: LastcallOptions = {}): Service {
  return new Service(readOptions(options));
}

/**
 * A service and its orderly stop. Made by {@link lastcall}.
 *
 * What the stop does not do: it does not end handlers (their signals abort, their sockets are
 * destroyed), it does not wait for work that nobody told it of (see {@link Service.waitUntil}), and it
 * cannot save a request that crosses the close of an idle connection on the wire (RFC 9112 §9.5).
 */
export class Service implements AsyncDisposable {
  readonly #settings: Settings;
  readonly #budget: Budget;
  readonly #spread: number;
  readonly #servers = new Set<AttachedServer>();
  readonly #stopping = new AbortController();
  readonly #aborting = new AbortController();
  readonly #cutoff = new AbortController();
  readonly #deregister = new Hooks("deregister");
  readonly #hooks = new Hooks("closing");
  readonly #inContext: InContext;
  readonly #tasks: Tasks;
  readonly #untracked = new Untracked((object) => this.#isOwn(object));
  readonly #farewells: Farewells;
  readonly #events: Events;
  readonly #recorder: Recorder;
  readonly #certificates: Certificates;
  readonly #probes: Probes | undefined;
  readonly #process: ProcessWatch;
  #phase: Phase = "starting";
  #draining: Promise<DrainReport> | undefined;
  #running: Drain | undefined;
  #isUninstalled = false;
  #isReported = false;

  /** @internal */
  constructor(settings: Settings) {
    this.#settings = settings;
    this.#budget = planBudget(settings);
    this.#spread = planSpread(settings, this.#budget);
    this.#recorder = new Recorder(settings.name, this.#budget, settings.untracked);
    this.#events = new Events(
      () => ({ service: settings.name, atMs: this.#recorder.elapsed() }),
      (name, error) => this.#listenerThrew(name, error),
    );
    // Every stream and consumer of a service may listen, and each hook that runs; that is no leak.
    setMaxListeners(0, this.#stopping.signal, this.#aborting.signal, this.#cutoff.signal);
    this.#inContext = settings.ambient ? inContext : inNoContext;
    this.#tasks = new Tasks(this.#stopping.signal, this.#aborting.signal, this.#inContext, {
      started: (name) => this.#events.emit("task-start", { name }),
      ended: (report) => this.#events.emit("task-end", report),
      failed: (report, onFailure) => this.#taskFailed(report, onFailure),
    });
    this.#certificates = new Certificates({
      loaded: (report) => this.#events.emit("certificate-reload", report),
      kept: ({ code, message }) => {
        this.#warn("certificate-kept", message);
        // Whoever sent the signal looks at the program's output.
        process.emitWarning(message, { type: "LastcallWarning", code });
      },
    });
    this.#farewells = new Farewells(settings.timeouts.farewell, (error) =>
      this.#warn("farewell-failed", `A farewell failed: ${error.message}`),
    );
    if (settings.probes !== undefined)
      this.#probes = new Probes(settings.probes, () => this.#phase);
    this.#probes?.open((error) => this.#warn("probe-port", `Probes: ${error.message}`));
    this.#process = new ProcessWatch(settings.signals, settings.exit, {
      stop: (reason, hurried) => void this.#begin(reason, hurried),
      abort: () => this.abort(),
      warn: (code, message) => this.#warn(code, message),
      threw: (error) => {
        this.#recorder.threw();
        this.#warn("uncaught-exception", error.message);
      },
      interrupted: () => {
        this.#recorder.threw();
        this.#deliver(this.#report());
      },
    });
  }

  /** Where the service is in its life. */
  get phase(): Phase {
    return this.#phase;
  }

  /** Aborts when the drain begins: time for consumers, event streams and long polls to end themselves. */
  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  /** Aborts at the abort instant of the drain, with a {@link DrainAborted}: for work that outlives its request. */
  get aborting(): AbortSignal {
    return this.#aborting.signal;
  }

  /** The windows of the drain, in milliseconds. */
  get budget(): Budget {
    return this.#budget;
  }

  /** The port of the probes, where they have one of their own and it is bound. */
  get probePort(): number | undefined {
    return this.#probes?.port;
  }

  /**
   * Takes a server into care and returns it. Best before it listens; a server that serves already is
   * taken with its connections.
   *
   * @throws {LastcallError} `ERR_LASTCALL_SERVER` for anything but an `http`, `https` or `http2` server, and on
   * Bun; `ERR_LASTCALL_ATTACHED_ELSEWHERE`; `ERR_LASTCALL_STOPPING` once the drain has begun;
   * `ERR_LASTCALL_UNINSTALLED`; `ERR_LASTCALL_OPTION`, `ERR_LASTCALL_ARGUMENT` for the certificate of a
   * server without TLS.
   */
  attach<S extends AttachableServer>(server: S, options: AttachOptions = {}): S {
    this.#refuseWhenStopping("attach a server");
    checkServer(server);
    const { reload } = readAttachOptions(options, this.#settings.signals);
    const other = attachedTo.get(server);
    if (other === this) return server;
    if (other !== undefined) {
      throw new LastcallError(
        "ERR_LASTCALL_ATTACHED_ELSEWHERE",
        "This server is attached to another service; one server has one owner",
      );
    }
    if (reload !== undefined) this.#certificates.replaceOn(reload.signal, server, reload);
    attachedTo.set(server, this);
    this.#servers.add(this.#careFor(server));
    if (server.listening) this.#becomeReady();
    return server;
  }

  /**
   * Replaces the certificate of an attached TLS server. Connections that come from now on see it;
   * those that are open go on, whatever state they are in. All other options that the server was made
   * with stay, and its session tickets go on to resume. Calls for one server take effect in their
   * order. Allowed until the drain is over. See {@link AttachOptions} for a reload on a signal.
   *
   * Rejects with a {@link LastcallError}: `ERR_LASTCALL_CERTIFICATE` when a file cannot be read or key
   * and certificate cannot be used together, and the old certificate stays in use;
   * `ERR_LASTCALL_ARGUMENT` for a server that is not attached here or has no TLS;
   * `ERR_LASTCALL_UNINSTALLED`.
   */
  async reloadCertificate(
    server: AttachableServer,
    certificate: CertificateContents | CertificateFiles,
  ): Promise<void> {
    if (this.#isUninstalled) throw uninstalled("reload a certificate");
    if (attachedTo.get(server) !== this) {
      throw wrongArgument("server", "a server that is attached to this service", server);
    }
    await this.#certificates.replace(server, certificate);
  }

  #careFor(server: AttachableServer): AttachedServer {
    return new AttachedServer(server, {
      timeouts: this.#settings.timeouts,
      spread: this.#spread,
      ambient: this.#settings.ambient,
      probe: (req, res) => this.#answerProbe(req, res),
      probeStream: (stream, headers) => this.#answerProbeStream(stream, headers),
      listening: () => this.#becomeReady(),
      ended: (inFlight) => {
        this.#recorder.ended(inFlight);
        this.#running?.responseEnded();
      },
      stalled: (stall) => {
        this.#recorder.stalled(stall);
        this.#events.emit("stall", stall);
      },
      foreignClose: () => {
        // In a hook it is the framework's own end, and does no harm: every connection has gone.
        if (this.#phase === "closing") return;
        this.#warn(
          "foreign-close",
          "server.close() was called during the drain; the call waits for the drain instead of destroying idle connections",
        );
      },
      foreignCut: (inFlight) => {
        this.#recorder.cut(inFlight);
        this.#warn(
          "foreign-cut",
          `server.closeAllConnections() was called during the drain and destroyed ${inFlight} ${inFlight === 1 ? "connection" : "connections"} with a request in flight`,
        );
      },
    });
  }

  #answerProbe(req: IncomingMessage, res: ServerResponse): boolean {
    return this.#probes !== undefined && this.#probes.isShared && this.#probes.answer(req, res);
  }

  #answerProbeStream(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): boolean {
    const probes = this.#probes;
    return probes !== undefined && probes.isShared && probes.answerStream(stream, headers);
  }

  #becomeReady(): void {
    if (this.#phase !== "starting") return;
    if (![...this.#servers].every((each) => each.isListening)) return;
    this.#untracked.noteBefore();
    this.#enter("ready");
  }

  /** Whether something is lastcall's, or has been dealt with already: a server's connections are cut. */
  #isOwn(object: { server?: unknown }): boolean {
    if (this.#probes?.owns(object) === true) return true;
    return [...this.#servers].some(({ server }) => server === (object.server ?? object));
  }

  /**
   * Registers a step that runs after all requests and tasks: closing a pool, flushing a log. By
   * default in the reverse order of registration, one after the other.
   *
   * @throws {LastcallError} `ERR_LASTCALL_HOOK_DUPLICATE`, `ERR_LASTCALL_HOOK_CYCLE`,
   * `ERR_LASTCALL_OPTION`, `ERR_LASTCALL_ARGUMENT`, `ERR_LASTCALL_BUDGET` for a timeout longer than
   * the closing window, `ERR_LASTCALL_STOPPING`, `ERR_LASTCALL_UNINSTALLED`.
   */
  hook(name: string, run: HookFunction, options: HookOptions = {}): void {
    this.#addHook(this.#hooks, this.#budget.closingMs, name, run, options);
  }

  /**
   * Registers a step that leaves a registry. It runs when the drain begins, and the listener is not
   * closed before it ended or its timeout is over. Options and errors as in {@link Service.hook}.
   */
  deregister(name: string, run: HookFunction, options: HookOptions = {}): void {
    const { lameDuckMs, drainingMs } = this.#budget;
    const usual = Math.min(Math.max(2_000, lameDuckMs), lameDuckMs + drainingMs);
    this.#addHook(this.#deregister, usual, name, run, options);
  }

  #addHook(
    hooks: Hooks,
    usual: number,
    name: string,
    run: HookFunction,
    options: HookOptions,
  ): void {
    this.#refuseWhenStopping(`register the hook \`${name}\``);
    checkNamed(name, run);
    const read = new Reader(options, "");
    const timeout = read.time("timeout", 1) ?? usual;
    const after = read.names("after");
    read.refuseRest();
    const { lameDuckMs, drainingMs, closingMs } = this.#budget;
    const most = hooks.kind === "closing" ? closingMs : lameDuckMs + drainingMs;
    if (timeout > most || most === 0) {
      throw new LastcallError(
        "ERR_LASTCALL_BUDGET",
        `The timeout of hook \`${name}\`, ${timeout} ms, does not fit into its window of ${most} ms. ` +
          "Shorten it, or raise `closingWindow` or `gracePeriod`",
      );
    }
    hooks.add({ name, run, timeout, after });
  }

  /**
   * Starts background work that the drain waits for. It is told to take no new work when the drain
   * begins, or, where it is a `sink`, once nothing is left that could hand it any; and to give up at the
   * abort instant. What it throws ends in the report. It is not started again.
   *
   * @throws {LastcallError} `ERR_LASTCALL_ARGUMENT`, `ERR_LASTCALL_OPTION`, `ERR_LASTCALL_STOPPING`,
   * `ERR_LASTCALL_UNINSTALLED`.
   */
  task(name: string, run: TaskFunction, options: TaskOptions = {}): void {
    this.#refuseWhenStopping(`start the task \`${name}\``);
    checkNamed(name, run);
    const read = new Reader(options, "");
    const kind = read.oneOf("kind", ["consumer", "sink"]) ?? "consumer";
    const onFailure = read.oneOf("onFailure", ["report", "stop"]) ?? "report";
    read.refuseRest();
    this.#tasks.start(name, run, { kind, onFailure });
  }

  #taskFailed({ name, error, method, route }: TaskReport, onFailure: "report" | "stop"): void {
    const whose = route === undefined ? "" : ` of ${method} ${route}`;
    this.#warn("task-failed", `Task \`${name}\`${whose} failed: ${error}`);
    if (onFailure === "stop" && !this.#isUninstalled) this.#process.stop(`task \`${name}\` failed`);
  }

  /**
   * Lets the drain wait for work that has begun already, such as a message sent after the answer.
   * Allowed during the drain too: handlers that still run have work of their own. Work of a request is
   * named with its route in the report, and the request's signal aborts for it at the abort instant, long
   * after the response too.
   *
   * @param options its name, or its name and its request.
   * @throws {LastcallError} `ERR_LASTCALL_ARGUMENT` for something that is not a promise, a name that is none,
   * a request that is none; `ERR_LASTCALL_OPTION`.
   */
  waitUntil(promise: PromiseLike<unknown>, options: string | WaitUntilOptions = {}): void {
    if (typeof promise?.then !== "function") {
      throw wrongArgument("promise", "a promise", promise);
    }
    if (typeof options === "string") checkName(options);
    const read = new Reader(typeof options === "string" ? { name: options } : options, "");
    const name = read.text("name") ?? "waitUntil";
    const request = (read.take("request") as AnyRequest | undefined) ?? currentRequest();
    read.refuseRest();
    this.#tasks.follow(name, promise, request);
  }

  /**
   * Registers how the owner of a long-lived connection says goodbye in its own protocol: an upgraded
   * or `CONNECT` socket, a WebSocket, an event stream. `say` is called once, after the listener closed,
   * so that a client that comes back at once comes back elsewhere, and in its turn within the `spread`
   * window. Then the connection may stand still for `farewellTimeout` before it is destroyed; as long as
   * bytes move it is left alone until the deadline. Connections without a farewell are destroyed at the
   * deadline.
   *
   * Allowed during the drain too, for connections that are made meanwhile; without effect after it.
   * Returns the function that takes it back, which the `close` event does by itself.
   *
   * @throws {LastcallError} `ERR_LASTCALL_ARGUMENT` for something without events, or no function.
   */
  farewell(closable: Closable, say: Farewell): () => void {
    if (typeof closable?.on !== "function") {
      throw wrongArgument("closable", "a socket, a response or another event emitter", closable);
    }
    if (typeof say !== "function") throw wrongArgument("say", "a function", say);
    if (this.#isUninstalled) return () => {};
    return this.#farewells.add(closable, say);
  }

  /**
   * Listens to an event; returns the function that stops listening. A listener that throws or rejects
   * costs a warning and nothing else.
   *
   * @throws {LastcallError} `ERR_LASTCALL_ARGUMENT` for an event that does not exist, or no function.
   */
  on<N extends EventName>(name: N, listener: Listener<N>): () => void {
    return this.#events.on(name, listener);
  }

  /**
   * Stops the service in order and resolves to the report, when everything is finished, cut, or
   * given up: never later than the grace period's end. Never rejects. Later callers join. It does not
   * end the process; only a signal does that.
   *
   * @throws {LastcallError} `ERR_LASTCALL_UNINSTALLED`.
   */
  drain(reason = "drain"): Promise<DrainReport> {
    if (this.#isUninstalled && this.#draining === undefined) throw uninstalled("drain");
    // Whatever a caller hands over, the report must be writable.
    return this.#begin(typeof reason === "string" ? reason : describe(reason), false);
  }

  /**
   * Cuts what is left: request and task signals abort, sockets are destroyed, hooks that have not
   * started are skipped. Begins the drain where it has not begun. Resolves to the drain's report.
   *
   * @throws {LastcallError} `ERR_LASTCALL_UNINSTALLED`.
   */
  abort(): Promise<DrainReport> {
    this.#cutoff.abort();
    return this.drain("abort");
  }

  /**
   * Takes everything back: signal listeners, the methods that stand in for the servers' own. The
   * process behaves as before. Has no effect while a drain runs, which ends with it anyway.
   */
  uninstall(): void {
    if (this.#isUninstalled || (this.#draining !== undefined && this.#phase !== "closed")) return;
    this.#isUninstalled = true;
    this.#process.release();
    this.#probes?.close();
    this.#certificates.release();
    for (const each of this.#servers) {
      each.release();
      attachedTo.delete(each.server);
    }
    this.#servers.clear();
    this.#farewells.release();
  }

  /** Drains, and uninstalls. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isUninstalled) await this.drain("dispose");
  }

  /** `hurried`: a person waits at a terminal, so nobody is given time to notice. */
  #begin(reason: string, hurried: boolean): Promise<DrainReport> {
    if (this.#draining === undefined) {
      let join!: (report: Promise<DrainReport>) => void;
      // Before anybody is told of it: a listener that calls drain() must join, and not begin another.
      this.#draining = new Promise((resolve) => {
        join = resolve;
      });
      join(this.#stop(reason, hurried));
    }
    return this.#draining;
  }

  async #stop(reason: string, hurried: boolean): Promise<DrainReport> {
    this.#running = new Drain(this.#parts, reason, hurried);
    await this.#running.run();
    return this.#close();
  }

  get #parts(): Parts {
    return {
      budget: this.#budget,
      spread: this.#spread,
      servers: this.#servers,
      stopping: this.#stopping,
      aborting: this.#aborting,
      cutoff: this.#cutoff.signal,
      deregister: this.#deregister,
      hooks: this.#hooks,
      inContext: this.#inContext,
      tasks: this.#tasks,
      untracked: this.#untracked,
      policy: this.#settings.untracked,
      farewells: this.#farewells,
      recorder: this.#recorder,
      events: this.#events,
      processWatch: this.#process,
      phase: () => this.#phase,
      enter: (phase) => this.#enter(phase),
      warn: (code, message) => this.#warn(code, message),
    };
  }

  #close(): DrainReport {
    this.#enter("closed");
    const report = this.#report();
    this.uninstall();
    this.#deliver(report);
    const { gracePeriodMs, marginMs } = this.#budget;
    // Half of the margin, or a reader that does not read would hold the process until it is killed.
    const leftMs = gracePeriodMs - marginMs / 2 - report.durationMs;
    this.#process.drainEnded(EXIT_CODES[report.outcome], leftMs);
    return report;
  }

  #report(): DrainReport {
    return this.#recorder.report({
      servers: this.#servers,
      farewells: { said: this.#farewells.said, overdue: this.#farewells.overdue },
      tasks: this.#tasks.report(),
    });
  }

  /** Once: a drain that was interrupted may yet come to its end before the process does. */
  #deliver(report: DrainReport): void {
    if (this.#isReported) return;
    this.#isReported = true;
    this.#events.emit("drain-end", { report });
    const { report: sink } = this.#settings;
    if (sink === false) return;
    if (sink === "stderr") {
      writeReport(report);
      return;
    }
    attempt(
      () => sink(report),
      (error) => {
        this.#warn("report-threw", `The report function threw: ${error.message}`);
        writeReport(report);
      },
    );
  }

  #enter(to: Phase): void {
    const from = this.#phase;
    if (!isLegal(from, to)) throw new Error(`lastcall: no way from phase ${from} to ${to}`);
    this.#phase = to;
    if (isStopping(to)) this.#recorder.phase(to);
    this.#events.emit("phase", { from, to });
  }

  #warn(code: WarningCode, message: string): void {
    this.#recorder.warn(code, message);
    this.#events.emit("warning", { code, message });
  }

  /** In the report, and told to the listeners; not to those of the event whose listener it is. */
  #listenerThrew(name: EventName, error: Error): void {
    const code = "listener-threw";
    const message = `A listener of "${name}" threw: ${error.message}`;
    if (name === "warning") this.#recorder.warn(code, message);
    else this.#warn(code, message);
  }

  #refuseWhenStopping(what: string): void {
    if (isStopping(this.#phase)) {
      throw new LastcallError(
        "ERR_LASTCALL_STOPPING",
        `Cannot ${what}: the drain has begun (phase \`${this.#phase}\`)`,
      );
    }
    if (this.#isUninstalled) throw uninstalled(what);
  }
}

function uninstalled(what: string): LastcallError {
  return new LastcallError(
    "ERR_LASTCALL_UNINSTALLED",
    `Cannot ${what}: the service is uninstalled`,
  );
}
