import type { ServersInCare } from "../server/in-care.js";
import type { Work } from "../work/work.js";
import type { Life } from "./life.js";

/**
 * Ready once all that is to listen does; not ready any more once nothing does. A server that comes later does
 * not take a service out of its balancers that serves already.
 */
export class Readiness {
  readonly #life: Life;
  readonly #servers: ServersInCare;
  readonly #work: Work;
  readonly #ready: () => void;
  #wasReady = false;

  /** `ready`: it is for the first time, or once more. */
  constructor(life: Life, servers: ServersInCare, work: Work, ready: () => void) {
    this.#life = life;
    this.#servers = servers;
    this.#work = work;
    this.#ready = ready;
  }

  /** Whether it ever was. */
  get wasReady(): boolean {
    return this.#wasReady;
  }

  /** Something has changed that decides on it. */
  judge(): void {
    const { phase, isStopping } = this.#life;
    if (isStopping) return;
    const { isServing, isAwaited } = this.#servers;
    const isStarted = !this.#work.starts.isUnderWay && (phase === "ready" || !isAwaited);
    const isReady = isServing && isStarted;
    if (isReady && phase === "starting") {
      this.#wasReady = true;
      this.#work.untracked.noteBefore();
      this.#life.enter("ready");
      this.#ready();
    }
    if (!isReady && phase === "ready") this.#life.enter("starting");
  }
}
