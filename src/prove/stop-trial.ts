import { setTimeout as sleep } from "node:timers/promises";
import { loopback } from "./address.js";
import { isListening, untilAnswered } from "./answer.js";
import { concludeStops } from "./conclude.js";
import { CannotRunError } from "./errors.js";
import { now } from "./now.js";
import { findFreePort } from "./port.js";
import type { TrialResult } from "./result.js";
import { stopSubject, type Stop } from "./stop.js";
import { startSpawned } from "./subject/spawned.js";
import type { Subject } from "./subject/subject.js";
import { targetOf, Trial } from "./trial.js";

/** Start, load, signal, watch, judge; with restarts several times under one load. */
export class StopTrial extends Trial {
  async run(): Promise<TrialResult> {
    const { restarts } = this.options;
    this.enter("starting");
    await this.prepareLoad();
    const first = await this.#start(0);
    await this.warm(first);
    const stops = restarts === 0 ? [await this.#stop(first)] : await this.#restart(first);
    const isLeft =
      restarts > 0 || stops.some(({ exit, orphans }) => exit === null || orphans !== null);
    const outcome = await this.load.finish(isLeft ? "now" : "unrouted");
    return concludeStops(stops, outcome, this.options, this.context);
  }

  async #start(generation: number): Promise<Subject> {
    const { command, env, signal, port: fixed, startTimeout } = this.options;
    const address = loopback(fixed ?? (await findFreePort()));
    if (fixed !== null && (await isListening(address))) {
      const text = `port ${String(fixed)} is taken: something answers there before the service is started`;
      throw new CannotRunError("PROVE_PORT_TAKEN", text);
    }
    const subject = await startSpawned({ command, env, generation, address, signal });
    await this.own(subject);
    const isWanted = (): boolean => !this.isOver && !subject.hasExited;
    await this.alive(
      subject,
      untilAnswered({ ...this.options, address, timeoutMs: startTimeout, isWanted }),
    );
    return subject;
  }

  async #stop(subject: Subject): Promise<Stop> {
    this.load.command({ type: "arm", target: targetOf(subject) });
    await this.alive(subject, this.load.armed());
    this.enter("signalled");
    const stop = await Promise.race([
      stopSubject(subject, this.load, this.options),
      this.load.lost,
    ]);
    if (stop.exit !== null && stop.orphans === null) this.disown(subject);
    this.enter("exited");
    return stop;
  }

  /**
   * Replaces the service under load: the next generation answers before the balancer hears of it,
   * and the balancer sends to both until it has noticed that the old one is leaving.
   */
  async #restart(first: Subject): Promise<Stop[]> {
    const stops: Stop[] = [];
    let current = first;
    for (let generation = 1; generation <= this.options.restarts; generation += 1) {
      const next = await this.#start(generation);
      this.load.command({ type: "route", targets: [targetOf(current), targetOf(next)] });
      stops.push(await this.#stop(current));
      const lagEnd = (stops.at(-1)?.signalledAt ?? 0) + this.options.lag;
      await Promise.race([
        sleep(Math.max(0, lagEnd - now()), undefined, { ref: false }),
        this.load.lost,
      ]);
      current = next;
    }
    return stops;
  }
}
