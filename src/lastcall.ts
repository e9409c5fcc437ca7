import type { Budget } from "./budget.js";
import { describe, wrongArgument } from "./errors.js";
import type { EventName, Listener } from "./events.js";
import type { AttachOptions, LastcallOptions } from "./options/options.js";
import { readOptions, type Settings } from "./options/settings.js";
import type { Phase } from "./phase.js";
import type { DrainReport } from "./report.js";
import type { RegistryCalls, RegistryOptions } from "./registries/registry-calls.js";
import type { AttachableServer } from "./server/attachable.js";
import type { Closable, Goodbye } from "./server/goodbyes/goodbye.js";
import type { CertificateContents, CertificateFiles } from "./server/listener/certificate.js";
import { assemble, type Assembled } from "./service/assemble.js";
import type { HookFunction, HookOptions } from "./work/hooks.js";
import type { TaskFunction, TaskOptions, WaitUntilOptions } from "./work/tasks.js";

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
 * destroyed), it does not wait for work that it was not told of (see {@link Service.waitUntil}), and it
 * cannot save a request that crosses the close of an idle connection on the wire (RFC 9112 §9.5).
 */
export class Service implements AsyncDisposable {
  readonly #of: Assembled;

  /** @internal */
  constructor(settings: Settings) {
    this.#of = assemble(settings);
  }

  /** Where the service is in its life. */
  get phase(): Phase {
    return this.#of.life.phase;
  }

  /** Aborts when the drain begins: time for consumers, event streams and long polls to end themselves. */
  get stopping(): AbortSignal {
    return this.#of.life.stopping.signal;
  }

  /** Aborts at the abort instant of the drain, with a {@link DrainAbortedError}: for work that outlives its request. */
  get aborting(): AbortSignal {
    return this.#of.life.aborting.signal;
  }

  /**
   * The windows of the drain, in milliseconds. Less than the options say under PM2, which kills after its own
   * `kill_timeout`, and in a worker of a cluster or a thread whose primary or main thread has to leave after it.
   */
  get budget(): Budget {
    return this.#of.stop.budget;
  }

  /** The port of the probes, where they have one of their own and it is bound. */
  get probePort(): number | undefined {
    return this.#of.probes?.port;
  }

  /**
   * Takes a server into care and returns it. Best before it listens; a server that serves already is
   * taken with its connections.
   *
   * @throws {LastcallError} `ERR_LASTCALL_SERVER` for anything but an `http`, `https` or `http2` server, and on
   * Bun and Deno; `ERR_LASTCALL_ATTACHED_ELSEWHERE`; `ERR_LASTCALL_STOPPING` once the drain has begun;
   * `ERR_LASTCALL_UNINSTALLED`; `ERR_LASTCALL_OPTION`, `ERR_LASTCALL_ARGUMENT` for the certificate of a
   * server without TLS.
   */
  attach<S extends AttachableServer>(server: S, options: AttachOptions = {}): S {
    this.#of.servers.attach(server, options);
    return server;
  }

  /**
   * Gives a server back to its owner, and returns it: it is in no drain and no report any more, and behaves as
   * Node's own, with its connections. Where nothing else serves, the service is not ready from here on.
   *
   * A server that its owner closes needs no detaching: it is let go by itself, and taken back when it
   * listens again.
   *
   * @throws {LastcallError} `ERR_LASTCALL_ARGUMENT` for a server that is not attached here;
   * `ERR_LASTCALL_STOPPING` once the drain has begun; `ERR_LASTCALL_UNINSTALLED`.
   */
  detach<S extends AttachableServer>(server: S): S {
    this.#of.servers.detach(server);
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
    await this.#of.servers.reloadCertificate(server, certificate);
  }

  /**
   * Tells of what the program does before it can serve: a migration, a pool that connects, a cache that is warmed.
   * Until it is over the phase is `starting`, and readiness answers 503. A stop that comes meanwhile waits for it
   * as for a request in flight, and runs the hooks after it; what it attaches then binds nothing, and hooks that it
   * registers run. One that fails during the stop makes the outcome `failed`; one that is not over at the cut, or
   * rejects with the reason of {@link Service.stopping} or {@link Service.aborting}, `aborted`. Once it calls
   * `listen()` during the stop, it is over.
   *
   * @param name what to call it in the report. Default: `"start"`.
   * @returns a promise of the same value, which rejects as the one given does.
   * @throws {LastcallError} `ERR_LASTCALL_ARGUMENT` for something that is not a promise, or a name that is none.
   */
  starting<T>(promise: PromiseLike<T>, name = "start"): Promise<T> {
    return this.#of.work.starting(promise, name);
  }

  /**
   * Registers a step of the drain. By default it runs after all requests and tasks, and closes a pool, in the
   * reverse order of registration, one after the other. With `stage: "draining"` it runs when the lame duck is over
   * and the listeners have closed, for servers and consumers that are not HTTP, and makes that a service
   * without a server has a lame duck too; with `stage: "last"` after all others, for what tells of the drain. A
   * last hook that fails or hangs stands in the report, and changes neither the outcome nor the exit code.
   * Allowed during the drain until the first hook of the closing window runs: what is opened meanwhile has to be
   * closed too.
   *
   * @throws {LastcallError} `ERR_LASTCALL_HOOK_DUPLICATE`, `ERR_LASTCALL_HOOK_CYCLE`,
   * `ERR_LASTCALL_OPTION`, `ERR_LASTCALL_ARGUMENT`, `ERR_LASTCALL_BUDGET` for a timeout longer than
   * the window of its stage, `ERR_LASTCALL_STOPPING`, `ERR_LASTCALL_UNINSTALLED`.
   */
  hook(name: string, run: HookFunction, options: HookOptions = {}): void {
    this.#of.hooks.add(name, run, options);
  }

  /**
   * Tells how this instance is entered in a registry and left: Consul, etcd, a table that a balancer reads. It is entered when
   * the service is ready, with what failed tried again, and told every third of `ttl` that it is alive. When the drain
   * begins no beat is sent any more and all registries are left at the same time; the listeners stay open for `settle` after
   * the last of them. A leave that failed counts as the time that the entry takes to expire. One that is told of during the
   * drain is left at once if something else entered it, and otherwise never entered.
   *
   * @throws {LastcallError} `ERR_LASTCALL_ARGUMENT`, `ERR_LASTCALL_OPTION`, `ERR_LASTCALL_REGISTRY_DUPLICATE`;
   * `ERR_LASTCALL_BUDGET` where its times do not fit between the signal and the abort instant; `ERR_LASTCALL_STOPPING`,
   * `ERR_LASTCALL_UNINSTALLED`.
   */
  registry(name: string, calls: RegistryCalls, options: RegistryOptions = {}): void {
    const { life, registries, work, stop } = this.#of;
    life.refuseWhenClosing(`enter the registry \`${name}\``);
    const left = registries.add(name, calls, options, stop.budget);
    if (left !== undefined) void work.starts.follow(name, left);
  }

  /**
   * Starts background work that the drain waits for. It is told to take no new work when the drain
   * begins, or, where it is a `sink`, once nothing is left that could hand it any; and to give up at the
   * abort instant. What it throws ends in the report. It is not started again, nor at all once the drain has begun.
   *
   * @throws {LastcallError} `ERR_LASTCALL_ARGUMENT`, `ERR_LASTCALL_OPTION`, `ERR_LASTCALL_STOPPING`,
   * `ERR_LASTCALL_UNINSTALLED`.
   */
  task(name: string, run: TaskFunction, options: TaskOptions = {}): void {
    this.#of.work.task(name, run, options);
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
    this.#of.work.waitUntil(promise, options);
  }

  /**
   * Registers how the owner of a long-lived connection says goodbye in its own protocol: an upgraded
   * or `CONNECT` socket, a WebSocket, an event stream. `say` is called once, after the listener closed,
   * so that a client that comes back at once comes back elsewhere, and in its turn within the `closeSpread`
   * window. Then the connection may stand still for `timeouts.goodbye` before it is destroyed; as long as
   * bytes move it is left alone until the deadline. Connections without a goodbye are destroyed at the
   * deadline.
   *
   * Allowed during the drain too, for connections that are made meanwhile; without effect after it.
   * Returns the function that takes it back, which the `close` event does by itself.
   *
   * @throws {LastcallError} `ERR_LASTCALL_ARGUMENT` for something without events, or no function.
   */
  goodbye(closable: Closable, say: Goodbye): () => void {
    if (typeof closable?.on !== "function") {
      throw wrongArgument("closable", "a socket, a response or another event emitter", closable);
    }
    if (typeof say !== "function") throw wrongArgument("say", "a function", say);
    if (this.#of.life.isUninstalled) return () => {};
    return this.#of.goodbyes.add(closable, say);
  }

  /**
   * Listens to an event; returns the function that stops listening. A listener that throws or rejects
   * costs a warning and nothing else.
   *
   * @throws {LastcallError} `ERR_LASTCALL_ARGUMENT` for an event that does not exist, or no function.
   */
  on<N extends EventName>(name: N, listener: Listener<N>): () => void {
    return this.#of.journal.on(name, listener);
  }

  /**
   * Stops the service in order and resolves to the report, when everything is finished, cut, or
   * given up: never later than the grace period's end. Never rejects. Later callers join. It does not
   * end the process; only a signal does that.
   *
   * @throws {LastcallError} `ERR_LASTCALL_UNINSTALLED`.
   */
  drain(reason = "drain"): Promise<DrainReport> {
    // Whatever a caller hands over, the report must be writable.
    return this.#of.stop.drain(typeof reason === "string" ? reason : describe(reason));
  }

  /**
   * Cuts what is left: request and task signals abort, sockets are destroyed, hooks that have not
   * started are skipped. Begins the drain where it has not begun. Resolves to the drain's report.
   *
   * @throws {LastcallError} `ERR_LASTCALL_UNINSTALLED`.
   */
  abort(): Promise<DrainReport> {
    return this.#of.stop.abort();
  }

  /**
   * Takes everything back: signal listeners, the methods that stand in for the servers' own. The
   * process behaves as before, and the servers can be used on. Has no effect while a drain runs, which ends
   * with it anyway, but for servers that it has stopped: those listen again only once this is called.
   */
  uninstall(): void {
    const { life, servers, stop } = this.#of;
    if (stop.hasBegun && life.phase !== "closed") return;
    servers.giveBack();
    stop.release();
  }

  /** Drains, and uninstalls. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#of.life.isUninstalled) await this.drain("dispose");
  }
}
