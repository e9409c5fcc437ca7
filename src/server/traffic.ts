import { doneBy, now } from "../clock.js";
import { DrainAbortedError } from "../errors.js";
import type { Fence } from "../fence.js";
import type { Journal } from "../journal.js";
import type { Open } from "../record.js";
import { abortRequest } from "../request/signal.js";
import type { AttachedServer } from "./attached.js";
import { noteAborted, type InFlight } from "./connection/in-flight.js";
import { countOpen, inFlightOn } from "./connection/open.js";
import type { Goodbyes, Leaving } from "./goodbyes/goodbyes.js";
import type { Bounds } from "./lame-duck/evidence.js";
import { LameDuck, type Readers } from "./lame-duck/lame-duck.js";
import { explainNeverLetGo } from "./lame-duck/never-let-go.js";
import type { Probers } from "./lame-duck/probers.js";
import { stopAccepting } from "./listener/accept-queue.js";
import { SelfCalls } from "./self-calls/self-calls.js";

/** No balancer can let go in a shorter lame duck, in ms; where one is set, that is known. */
const SHORT_LAME_DUCK = 1_000;

/** How long destroyed sockets may take to say so, in ms. */
const LONGEST_CLOSE = 100;

/** The process as its siblings in a cluster see it: others may accept on the same sockets. */
interface Worker {
  leaving(listeners: readonly AttachedServer["server"][], siblings: () => void): void;
  closing(listeners: readonly AttachedServer["server"][]): void;
}

/** What {@link Traffic} needs of its service. */
export interface TrafficOwner {
  /** In the service's care, as they come and go. */
  readonly servers: ReadonlySet<AttachedServer>;
  readonly goodbyes: Goodbyes;
  readonly journal: Journal;
  readonly fence: Fence;
  readonly cutoff: AbortSignal;
  readonly registries: Leavable;
  /** What asks for readiness; undefined where it stays ready, or has no probes. */
  readonly probers: Probers | undefined;
}

/** The registries, as the listeners see them. */
interface Leavable extends Readers {
  /** No client can come any more. */
  end(): void;
}

/** What comes and goes over the servers of one service, and the steps of a drain that concern it. */
export class Traffic {
  readonly #owner: TrafficOwner;
  readonly #selfCalls = new SelfCalls();
  #lameDuck: LameDuck | undefined;

  constructor(owner: TrafficOwner) {
    this.#owner = owner;
  }

  /** Whether a server may be sent traffic, also while another one of the service still starts. */
  get isServing(): boolean {
    return [...this.#owner.servers].some(({ listener }) => listener.isServing);
  }

  get #listeners(): AttachedServer["server"][] {
    return [...this.#owner.servers].map(({ server }) => server);
  }

  /** The drain begins; every response from here on says close. `lameDuckMin`: no listener closes before this instant. */
  begin(lameDuckMin: number, attempt: (run: () => void) => void): void {
    for (const each of this.#owner.servers) attempt(() => each.begin(lameDuckMin));
  }

  /** Counts what is there when the drain begins. */
  count(): Open {
    const open = { inFlight: 0, connections: 0, upgraded: 0, accepted: 0 };
    for (const each of this.#owner.servers) {
      const { inFlight, upgraded } = countOpen(each.connections);
      open.connections += each.connections.size;
      open.inFlight += inFlight;
      open.upgraded += upgraded;
      open.accepted += each.accepted;
    }
    return open;
  }

  /** Goes on serving until balancers have noticed, or had the time to. */
  async letBalancersGo(bounds: Bounds, worker: Worker): Promise<void> {
    const { servers, registries: readers, probers, journal, fence, cutoff } = this.#owner;
    const visits = [...servers].map((each) => each.visits);
    this.#lameDuck = new LameDuck(visits, bounds, fence, { readers, probers });
    const waiting = this.#lameDuck.wait(cutoff);
    // Until then every request counts as one whose client waits for an answer.
    for (const each of servers) void each.known.then(() => this.responseEnded());
    fence.attempt("leave to other workers", () => {
      worker.leaving(this.#listeners, () => this.#leaveToSiblings(bounds));
    });
    const report = await waiting;
    if (report.endedBy === "maximum") this.#noteNeverLetGo(report.durationMs);
    journal.tell("lame-duck-end", report);
  }

  #noteNeverLetGo(durationMs: number): void {
    const found = this.#lameDuck?.neverLetGo;
    if (found === undefined || durationMs < SHORT_LAME_DUCK) return;
    this.#owner.journal.warn("balancer-never-let-go", explainNeverLetGo(found, durationMs));
  }

  /**
   * No new connection needs this process, and balancers have nothing to notice. Clients with a connection are given the
   * same time as in a lame duck, to be told on their next response that it closes.
   */
  #leaveToSiblings({ earliest }: Bounds): void {
    for (const each of this.#owner.servers) each.keepIdle(earliest);
    this.#lameDuck?.end("siblings");
  }

  /** A response is over, which may bring the end of the lame duck nearer. */
  responseEnded(): void {
    this.#lameDuck?.responseEnded();
  }

  /** Resolves to how many connections were taken from the kernel's queue last. */
  async closeListeners(latest: number, isHurried: boolean, worker: Worker): Promise<number> {
    const { servers, registries, cutoff, fence } = this.#owner;
    registries.end();
    fence.attempt("close as a worker", () => worker.closing(this.#listeners));
    if (isHurried) for (const each of servers) each.hurry();
    await this.#selfCalls.open(servers);
    return stopAccepting([...servers], latest, cutoff, fence);
  }

  async sayGoodbyes(leaving: Leaving): Promise<void> {
    const { servers, goodbyes, fence } = this.#owner;
    goodbyes.begin(leaving);
    const registered = [...servers].map((each) => {
      return fence.step("register goodbyes", () => each.sayGoodbyes(goodbyes));
    });
    await Promise.all(registered);
  }

  /** Resolves when the listeners and every connection are closed. */
  gone(): Promise<unknown> {
    const servers = [...this.#owner.servers].map((each) => each.settled);
    return Promise.all([...servers, this.#owner.goodbyes.settled]);
  }

  /** Tells every request to give up. */
  abort(reason: DrainAbortedError, attempt: (run: () => void) => void): void {
    for (const each of this.#owner.servers) {
      for (const item of inFlightOn(each.connections)) attempt(() => this.#abort(item, reason));
      // Between two requests is a better moment than the cut, for clients that never pause.
      attempt(() => each.hurry());
    }
  }

  #abort(item: InFlight, reason: DrainAbortedError): void {
    const { journal, fence } = this.#owner;
    journal.tell("request-abort", noteAborted(item, fence));
    abortRequest(item.req, reason, fence);
  }

  /** Destroys what is still open. After a drain that went well there is nothing. */
  async cut(gone: Promise<unknown>, cut: number, end: number): Promise<void> {
    const { servers, goodbyes, journal, fence, cutoff } = this.#owner;
    const attempt = (run: () => void): void => fence.attempt("cut", run);
    // Over by now, unless the step that waits for them went wrong: then they still have their time.
    const isGone = await doneBy(gone, cut, cutoff);
    this.#selfCalls.close();
    for (const report of journal.unheeded) journal.tell("request-cut", report);
    if (isGone) return;
    attempt(() => goodbyes.cut());
    for (const each of servers) attempt(() => this.#cut(each));
    // Destroyed sockets close within a turn or two; Node's own clean-up comes after the last.
    await doneBy(gone, Math.min(now() + LONGEST_CLOSE, end));
  }

  #cut(server: AttachedServer): void {
    this.#owner.journal.tell("cut", { connections: server.cut() });
  }

  /** What hangs is left behind; what is open is cut. */
  giveUp(): void {
    const { servers, fence } = this.#owner;
    for (const each of servers) fence.attempt("give up", () => this.#cut(each));
  }

  /** The drain is over. */
  end(): void {
    this.#owner.registries.end();
    this.#selfCalls.close();
  }
}
