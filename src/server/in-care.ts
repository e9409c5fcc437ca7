import { LastcallError, wrongArgument } from "../errors.js";
import type { Fence } from "../fence.js";
import type { Journal } from "../journal.js";
import type { AttachOptions } from "../options/options.js";
import { readAttachOptions, type Settings } from "../options/settings.js";
import { isDisconnecting } from "../process/followers/cluster-worker.js";
import type { Probes } from "../probes/probes.js";
import { warnProcess } from "../process-warning.js";
import type { Life } from "../service/life.js";
import { shared } from "../shared.js";
import { checkServer, type AttachableServer } from "./attachable.js";
import { AttachedServer, type ServerOwner } from "./attached.js";
import type { InFlight } from "./connection/in-flight.js";
import type { Goodbyes } from "./goodbyes/goodbyes.js";
import type { CertificateContents, CertificateFiles } from "./listener/certificate.js";
import { Certificates } from "./listener/certificates.js";
import { SocketFiles } from "./listener/socket-files.js";
import { Roster } from "./roster.js";

/** A server in a service's care. */
interface Care {
  readonly service: object;
  readonly attached: AttachedServer;
}

/** Two services on one server would undo each other. */
const inCare = shared("servers", () => new WeakMap<AttachableServer, Care>());

/** Whether a server is in the care of any service. */
export function isInCare(server: AttachableServer): boolean {
  return inCare.has(server);
}

/** What {@link ServersInCare} needs of its service, and tells it. */
export interface CareOwner {
  readonly settings: Settings;
  /** How long silent connections may take to leave after the listener closed, in milliseconds. */
  readonly closeSpread: number;
  readonly life: Life;
  readonly journal: Journal;
  readonly fence: Fence;
  readonly goodbyes: Goodbyes;
  readonly probes: Probes | undefined;
  /** One serves from now on, or serves no longer. */
  readonly changed: () => void;
  /** One is attached while the drain runs. */
  attachedLate(server: AttachedServer): void;
  /** A response is over. */
  responseEnded(): void;
  /** `listen()` was called after the drain began. */
  readonly toldToListen: () => void;
  /** `close()` is called, by whatever code. */
  readonly beforeClose: () => void;
}

/** The servers that one service stops. */
export class ServersInCare {
  readonly #owner: CareOwner;
  readonly #roster = new Roster();
  readonly #certificates: Certificates;
  readonly #socketFiles: SocketFiles;
  /** Stopped servers may be used on. */
  #isGivenBack = false;

  constructor(owner: CareOwner) {
    const { journal, fence } = owner;
    this.#owner = owner;
    this.#socketFiles = new SocketFiles(fence);
    this.#certificates = new Certificates({
      loaded: (report) => journal.tell("certificate-reload", report),
      kept: ({ code, message }) => {
        journal.warn("certificate-kept", message);
        // The person who sent the signal looks at the program's output.
        warnProcess(code, message);
      },
    });
  }

  /** Those that are to be drained, in the order of their attachment. */
  get current(): ReadonlySet<AttachedServer> {
    return this.#roster.current;
  }

  /** Whether any of them is there for its clients. */
  get isServing(): boolean {
    return this.#roster.isServing;
  }

  /** Whether any of them is to listen and does not yet. */
  get isAwaited(): boolean {
    return this.#roster.isAwaited;
  }

  /** As {@link Service.attach}. */
  attach(server: AttachableServer, options: AttachOptions): void {
    const { life, settings } = this.#owner;
    life.refuseWhenOver("attach a server");
    checkServer(server);
    const { reload, listens } = readAttachOptions(options, settings.signals);
    const care = inCare.get(server);
    if (care?.service === this) return;
    if (care !== undefined) {
      throw new LastcallError(
        "ERR_LASTCALL_ATTACHED_ELSEWHERE",
        "This server is attached to another service; one server has one owner",
      );
    }
    if (reload !== undefined) this.#certificates.replaceOn(reload.signal, server, reload);
    const attached = new AttachedServer(server, this.#ownerOf(listens));
    inCare.set(server, { service: this, attached });
    this.#roster.add(attached);
    if (attached.listener.isListening) this.#socketFiles.guard(server);
    this.#owner.changed();
    if (life.isStopping) this.#owner.attachedLate(attached);
  }

  /** As {@link Service.detach}. */
  detach(server: AttachableServer): void {
    this.#owner.life.refuseWhenStopping("detach a server");
    const attached = this.#attachedOf(server);
    inCare.delete(server);
    this.#certificates.forget(server);
    this.#roster.remove(attached);
    this.#owner.changed();
  }

  /** As {@link Service.reloadCertificate}. */
  async reloadCertificate(
    server: AttachableServer,
    certificate: CertificateContents | CertificateFiles,
  ): Promise<void> {
    this.#owner.life.refuseWhenUninstalled("reload a certificate");
    this.#attachedOf(server);
    await this.#certificates.replace(server, certificate);
  }

  #attachedOf(server: AttachableServer): AttachedServer {
    const care = inCare.get(server);
    if (care?.service === this) return care.attached;
    throw wrongArgument("server", "a server that is attached to this service", server);
  }

  #ownerOf(listens: boolean): ServerOwner {
    const { settings, closeSpread, journal, fence, goodbyes, probes } = this.#owner;
    const { changed, toldToListen, beforeClose } = this.#owner;
    return {
      fence,
      listens,
      timeouts: settings.timeouts,
      closeSpread,
      currentSignal: settings.currentSignal,
      isLongLived: settings.longLived,
      endsEventStreams: settings.endsEventStreams,
      probes: probes?.isShared === true ? probes : undefined,
      isGivenBack: () => this.#isGivenBack,
      came: (attached) => this.#came(attached),
      went: changed,
      gone: (attached) => {
        this.#certificates.rest(attached.server);
        this.#roster.letGo(attached);
      },
      ended: (inFlight) => this.#ended(inFlight),
      socketGone: (socket) => goodbyes.gone(socket),
      stalled: (stall) => journal.tell("stall", stall),
      toldToListen,
      beforeClose,
      foreignClose: () => this.#foreignClose(),
      foreignCut: (inFlight) => this.#foreignCut(inFlight),
    };
  }

  #came(attached: AttachedServer): void {
    this.#roster.add(attached);
    this.#certificates.listen(attached.server);
    this.#owner.changed();
  }

  #ended(inFlight: InFlight): void {
    this.#owner.journal.tell("request-end", inFlight);
    this.#owner.responseEnded();
  }

  #foreignClose(): void {
    const { life, journal } = this.#owner;
    // Node's own: a worker that disconnects closes its servers.
    if (isDisconnecting()) return;
    // In a hook it is the framework's own end, and does no harm: every connection has gone.
    if (life.phase === "closing") return;
    journal.warn(
      "foreign-close",
      "server.close() was called during the drain; the call waits for the drain instead of destroying idle connections",
    );
  }

  #foreignCut(inFlight: number): void {
    const { journal } = this.#owner;
    journal.tell("cut", { connections: inFlight });
    journal.warn(
      "foreign-cut",
      `server.closeAllConnections() was called during the drain and destroyed ${inFlight} ${inFlight === 1 ? "connection" : "connections"} with a request in flight`,
    );
  }

  /** Whether something is one of them, or has been dealt with already: their connections are cut. */
  owns(object: { server?: unknown }): boolean {
    return [...this.current].some(({ server }) => server === (object.server ?? object));
  }

  /** The drain has begun: those that were let go bind nothing any more. */
  refuse(): void {
    this.#roster.refuse();
  }

  /** Those that the drain has stopped may listen again. */
  giveBack(): void {
    this.#isGivenBack = true;
  }

  /** Takes everything back from all of them. `hasDrained`: they are stopped, and do not serve on. */
  release(hasDrained: boolean, attempt: (run: () => void) => void): void {
    attempt(() => this.#certificates.release());
    for (const { server } of this.#roster.all) inCare.delete(server);
    attempt(() => this.#roster.release());
    // A cluster's primary closes its listeners when its workers have gone, and that is after this.
    attempt(() => {
      if (hasDrained) this.#socketFiles.stop();
      else this.#socketFiles.release();
    });
  }
}
