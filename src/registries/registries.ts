import type { Budget } from "../budget.js";
import { LastcallError } from "../errors.js";
import { readGiven } from "../options/read.js";
import { valueOf } from "../options/row.js";
import { REGISTRY } from "../options/table.js";
import type { RegistryReport } from "../report.js";
import { checkCalls, type RegistryCalls, type RegistryOptions } from "./registry-calls.js";
import type { Stop } from "./leaving.js";
import { Registry, type RegistriesOwner } from "./registry.js";
import { planTimes } from "./times.js";

/** Every registry in which the service is listed: all are entered, and left, at the same time. */
export class Registries {
  readonly #owner: RegistriesOwner;
  readonly #all = new Map<string, Registry>();
  readonly #over = new AbortController();
  #stop: Stop | undefined;
  #isReady = false;
  /** Is told when {@link until} has changed. */
  moved: () => void = () => {};

  constructor(owner: RegistriesOwner) {
    this.#owner = owner;
  }

  /**
   * @returns what there is to wait for where the stop has begun: a registry that something else entered is left at once.
   * @throws {LastcallError} As {@link Service.registry}.
   */
  add(
    name: string,
    calls: RegistryCalls,
    options: RegistryOptions,
    budget: Budget,
  ): Promise<void> | undefined {
    checkCalls(name, calls);
    const given = readGiven<RegistryOptions>(REGISTRY, options);
    const { onFailure = valueOf(REGISTRY.onFailure) } = given;
    if (this.#all.has(name)) {
      throw new LastcallError(
        "ERR_LASTCALL_REGISTRY_DUPLICATE",
        `There is a registry named \`${name}\` already; names are unique, so that reports can tell them apart`,
      );
    }
    const times = planTimes(name, calls, given, budget);
    // Later changes of the object change nothing.
    const registry = new Registry({ name, calls: { ...calls }, times, onFailure }, this.#owner);
    this.#all.set(name, registry);
    if (this.#stop !== undefined) return this.#leaveOne(registry, this.#stop);
    if (this.#isReady) registry.enter();
    return undefined;
  }

  get isEmpty(): boolean {
    return this.#all.size === 0;
  }

  /** The longest time that readers of a registry are given, in milliseconds. */
  get settle(): number {
    return Math.max(0, ...[...this.#all.values()].map((each) => each.settle));
  }

  /** The service is ready, or is so no longer and has not begun to stop. */
  ready(isReady: boolean): void {
    if (isReady === this.#isReady || this.#stop !== undefined) return;
    this.#isReady = isReady;
    for (const each of this.#all.values()) {
      if (isReady) each.enter();
      else each.withdraw();
    }
  }

  /** The stop has begun: all are left, none waits for another. Resolves when that is done. Never rejects. */
  async leave(stop: Omit<Stop, "over">): Promise<void> {
    const whole = { ...stop, over: this.#over.signal };
    this.#stop = whole;
    await Promise.all([...this.#all.values()].map((each) => this.#leaveOne(each, whole)));
  }

  #leaveOne(registry: Registry, stop: Stop): Promise<void> {
    return registry.leave(stop, () => this.moved());
  }

  /** The instant up to which readers of one of them may still send clients here. */
  get until(): number {
    return Math.max(...[...this.#all.values()].map((each) => each.until), Number.NEGATIVE_INFINITY);
  }

  /** The instant from which all readers are known to send none; undefined where none was told of the instance. */
  get letGoAt(): number | undefined {
    const known = [...this.#all.values()].map((each) => each.letGoAt);
    const entered = known.filter((each) => each !== undefined);
    return entered.length === 0 ? undefined : Math.max(...entered);
  }

  /** The listeners have closed: no client can come any more. Nothing is looked for from here on. */
  end(): void {
    this.moved = () => {};
    if (!this.isEmpty) this.#over.abort();
  }

  report(): RegistryReport[] {
    return [...this.#all.values()].map((each) => each.report);
  }
}
