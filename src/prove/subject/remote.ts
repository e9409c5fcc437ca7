import type { Orphans, ProcessInfo } from "../facts/result.js";
import type { SubjectExit } from "../facts/stop.js";
import { UNWATCHED, watchListener, type ListenerWatch } from "../machine/listener.js";
import { placeAt } from "../machine/listening.js";
import { placeOf, type Address } from "../request/address.js";
import { isLocal } from "./local.js";
import type { StopCommand } from "./stop-command.js";
import type { Subject } from "./subject.js";

/** A service that is known by its address alone: what its processes do cannot be seen. */
export class Remote implements Subject {
  readonly generation = 0;
  readonly name: string;
  readonly address: Address;
  readonly pid = null;
  readonly started = null;
  readonly exit: Promise<SubjectExit> = new Promise(() => {});
  readonly hasExited = false;
  readonly #stopCommand: StopCommand | null;
  readonly #isWatchable: boolean;

  constructor(address: Address, stopCommand: StopCommand | null, isWatchable: boolean) {
    this.name = placeOf(address);
    this.address = address;
    this.#stopCommand = stopCommand;
    this.#isWatchable = isWatchable;
  }

  untilEnded(): Promise<SubjectExit> {
    return this.exit;
  }

  async tell(): Promise<void> {
    await this.#stopCommand?.run();
  }

  watchListener(): ListenerWatch {
    return this.#isWatchable ? watchListener(placeAt(this.address)) : UNWATCHED;
  }

  hasListener(): Promise<null> {
    return Promise.resolve(null);
  }

  listOthers(): ProcessInfo[] {
    return [];
  }

  findOrphans(): Promise<Orphans | null> {
    return Promise.resolve(null);
  }

  kill(): Promise<boolean> {
    return Promise.resolve(false);
  }

  /** Nothing was started here but the command. */
  async close(): Promise<void> {
    await this.#stopCommand?.close();
  }

  explainExit(): Promise<string> {
    return Promise.resolve("");
  }

  lastWords(): Promise<null> {
    return Promise.resolve(null);
  }

  describeOutput(): Promise<string> {
    return Promise.resolve("");
  }
}

/** Takes whatever answers at an address as the service. */
export async function reach(address: Address, stopCommand: StopCommand | null): Promise<Remote> {
  return new Remote(address, stopCommand, await isLocal(address));
}
