import { setTimeout as sleep } from "node:timers/promises";
import { formatDuration } from "../facts/duration.js";
import { CannotRunError } from "../facts/errors.js";
import type { TrialResult } from "../facts/result.js";
import type { KeepAlive, OutputLine, Stop } from "../facts/stop.js";
import { now } from "../machine/now.js";
import { findFreePort } from "../machine/port.js";
import type { AttachPointing, StartPointing } from "../options/pointing.js";
import type { ResolvedOptions } from "../options/resolve.js";
import { loopback, portOf, type Address } from "../request/address.js";
import type { RequestTemplate } from "../request/request.js";
import { isListening } from "../subject/answer.js";
import { attach, findAddress } from "../subject/attached.js";
import { measureKeepAlive } from "../subject/keep-alive.js";
import { untilReady } from "../subject/ready.js";
import { reach } from "../subject/remote.js";
import { startSpawned } from "../subject/spawned.js";
import { StopCommand } from "../subject/stop-command.js";
import { refuseStranger } from "../subject/stranger.js";
import type { Subject } from "../subject/subject.js";
import { concludeStops } from "./conclude.js";
import { stopSubject } from "./stop.js";
import { targetOf, Trial, type TrialContext } from "./trial.js";

const UNSEEN =
  "something still accepts connections there: whether anything stopped cannot be seen without --pid";

const ROOT: RequestTemplate = { method: "GET", path: "/", body: "" };

/** Start or attach, load, tell to stop, watch, judge; with restarts several times under one load. */
export class StopTrial extends Trial {
  readonly #pointing: StartPointing | AttachPointing;
  readonly #notes: string[] = [];

  constructor(
    options: ResolvedOptions,
    pointing: StartPointing | AttachPointing,
    context: TrialContext,
  ) {
    super(options, context);
    this.#pointing = pointing;
  }

  async run(): Promise<TrialResult> {
    const { restarts } = this.options;
    this.enter("starting");
    await this.prepareLoad();
    const first = await this.#begin();
    const keepAlive = await this.alive(first, this.#measureKeepAlive(first));
    await this.warm(first);
    const stops = restarts === 0 ? [await this.#stop(first)] : await this.#restart(first);
    const isLeft =
      restarts > 0 || stops.some(({ exit, orphans }) => exit === null || orphans !== null);
    const outcome = await this.load.finish(isLeft ? "now" : "unrouted");
    const effects = await this.askEffects(first);
    const seen = { context: this.context, outcome, notes: this.#notes, effects, keepAlive };
    return concludeStops(stops, seen, this.options);
  }

  /** What ends too early ends the run, and its lines say so. */
  protected override async alive<T>(subject: Subject, wish: Promise<T>): Promise<T> {
    try {
      return await super.alive(subject, wish);
    } catch (error) {
      if (subject.hasExited) {
        this.#tell(subject.generation, "prove", "has ended, before it was told to stop");
      }
      throw error;
    }
  }

  /** Before the load, which would use the connection's service for something else. */
  async #measureKeepAlive({ address }: Subject): Promise<KeepAlive | null> {
    const { balancerKeepalive: limitMs, requests, tls, startTimeout: answerMs } = this.options;
    // A question must not place an order.
    const template = requests.find(({ method }) => method === "GET") ?? ROOT;
    if (limitMs === null) return null;
    return measureKeepAlive({ address, template, tls, limitMs, answerMs });
  }

  #begin(): Promise<Subject> {
    const pointing = this.#pointing;
    return pointing.way === "start" ? this.#start(pointing, 0) : this.#attach(pointing);
  }

  async #start({ command, address: given }: StartPointing, generation: number): Promise<Subject> {
    const { env, signal, signalGroup: isGroup, pid1: isPid1, restarts } = this.options;
    const address = given ?? loopback(await findFreePort());
    if (given !== null && (await isListening(address))) {
      const text = `${given.path ?? `port ${String(given.port)}`} is taken: something answers there before the service is started`;
      throw new CannotRunError("PROVE_PORT_TAKEN", text);
    }
    const subject = await startSpawned({
      command,
      env,
      generation,
      address,
      signal,
      isGroup,
      isPid1,
      guard: this.guard,
      onLine: (from, text) => this.#tell(generation, from, text),
    });
    await this.own(subject);
    // Two generations cannot share a port that neither was given.
    const mayMove = given === null && restarts === 0;
    const asked = `${given === null ? "PORT=" : "--port "}${portOf(address)}`;
    const ready = untilReady(subject, this.question(subject), { asked, mayMove });
    const note = await this.alive(subject, ready);
    await this.alive(subject, refuseStranger(subject));
    if (note !== undefined) this.#notes.push(note);
    return subject;
  }

  #tell(generation: number, from: OutputLine["from"], text: string): void {
    const { trial, onOutput } = this.context;
    onOutput({ trial, generation, at: Date.now(), from, text });
  }

  async #attach({ pid, address: given, stopWith, mayKill }: AttachPointing): Promise<Subject> {
    const { env, signal } = this.options;
    const stopCommand = stopWith === null ? null : new StopCommand(stopWith, env);
    const address = given ?? (await this.#find(pid));
    const subject =
      pid === null
        ? await reach(address, stopCommand)
        : await attach({ pid, address, signal, stopCommand, mayKill });
    this.#tell(subject.generation, "prove", "was not started here: what it writes goes elsewhere");
    await this.answered(subject);
    return subject;
  }

  async #find(pid: number | null): Promise<Address> {
    const address = await findAddress(pid ?? 0);
    this.#notes.push(`process ${String(pid)} listens on ${address.authority}`);
    return address;
  }

  async #stop(subject: Subject): Promise<Stop> {
    const { options } = this;
    const isService = options.signalGroup ? await this.alive(subject, subject.hasListener()) : null;
    this.load.command({ type: "arm", target: targetOf(subject) });
    await this.alive(subject, this.load.armed());
    this.enter("signalled");
    this.#tell(subject.generation, "prove", "is told to stop");
    const stop = await Promise.race([
      stopSubject(subject, this.load, { ...options, isService }),
      this.load.lost,
    ]);
    this.#tell(subject.generation, "prove", stop.exit === null ? "is still there" : "has ended");
    if (stop.exit !== null && stop.orphans === null) this.disown(subject);
    if (subject.pid === null && (await isListening(subject.address))) this.#notes.push(UNSEEN);
    this.#noteUnrepeated(stop, subject);
    this.enter("exited");
    return stop;
  }

  /** Nothing is known then of what was asked for. */
  #noteUnrepeated({ repeatedAt }: Stop, { pid }: Subject): void {
    const { repeatSignal } = this.options;
    if (repeatSignal === null || repeatedAt !== null || pid === null) return;
    const note = `the signal was not sent again, for the service had ended within ${formatDuration(repeatSignal)} of the first: what a second one does to it is not known`;
    if (!this.#notes.includes(note)) this.#notes.push(note);
  }

  /**
   * Replaces the service under load: the next generation answers before the balancer hears of it,
   * and the balancer sends to both until it has noticed that the old one is leaving.
   */
  async #restart(first: Subject): Promise<Stop[]> {
    const stops: Stop[] = [];
    let current = first;
    for (let generation = 1; generation <= this.options.restarts; generation += 1) {
      if (this.#pointing.way !== "start") break;
      const next = await this.#start(this.#pointing, generation);
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
