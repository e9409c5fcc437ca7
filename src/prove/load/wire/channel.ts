// wire/: connections with a round-trip time, and what their ends mean, whatever protocol they carry.
import type { HolderState, Holder } from "../../facts/holders.js";
import type { ConnectionEnd, Ending } from "../../facts/ledger.js";
import { now } from "../../machine/now.js";
import { isLoopback } from "../../request/address.js";
import type { RequestTemplate } from "../../request/request.js";
import type { Target } from "../protocol.js";
import type { Due, OpenConnection, PlannedRequest, Recorder } from "../recorder.js";
import { classifyFailure, explainOwnFailure } from "./classify.js";
import type { DelayLine } from "./delay.js";
import { Link, type TlsOptions } from "./link.js";

export interface ChannelOptions {
  readonly recorder: Recorder;
  readonly line: DelayLine;
  readonly target: Target;
  readonly entry: OpenConnection;
  readonly tls: TlsOptions | null;
  readonly connectTimeoutMs: number;
}

/** What ended the requests in flight, as their client saw it. */
export type Cause = "ended" | "reset" | "left" | "prover";

/** One client connection, whatever is spoken on it: its life, its ledger entry, its state. */
export abstract class Channel {
  readonly target: Target;
  readonly entry: OpenConnection;
  /** From the last answer's `Keep-Alive: timeout`; null without one. */
  keepAliveHintMs: number | null = null;
  protected readonly recorder: Recorder;
  protected readonly link: Link;
  #state: HolderState | "connecting" | "ended" = "connecting";
  #since = now();
  #end: ConnectionEnd | undefined;
  #waiting = new Set<() => void>();
  readonly #resting = new Set<() => void>();
  #onEnded: () => void;

  constructor(options: ChannelOptions, onEnded: () => void) {
    const { line, tls, target, connectTimeoutMs } = options;
    this.target = target;
    this.entry = options.entry;
    this.recorder = options.recorder;
    this.#onEnded = onEnded;
    const { address } = target;
    this.link = new Link(
      { address, line, tls, connectTimeoutMs },
      {
        connected: (at) => {
          this.entry.connectedAt = at;
          this.connected();
        },
        received: (chunk, at) => this.received(chunk, at),
        ended: (at) => {
          this.settle("ended", at);
          this.finish("closed by service", at);
        },
        failed: (code, at) => this.#failed(code, at),
      },
    );
  }

  get isOpen(): boolean {
    return this.#end === undefined;
  }

  get isConnecting(): boolean {
    return this.#state === "connecting";
  }

  /** Whether its client still has something to wait for on it. */
  abstract get isBusy(): boolean;

  plan(template: RequestTemplate, due?: Due): PlannedRequest {
    return this.recorder.plan(this.entry, template, due);
  }

  /** Resolves once the connection is made or has ended. */
  async opened(): Promise<void> {
    while (this.#state === "connecting") await this.change();
  }

  /** Waits for `ms` or for the connection's end. Returns whether it is still open. */
  rest(ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#resting.delete(wake);
        resolve(this.isOpen);
      };
      const timer = setTimeout(wake, ms);
      if (this.isOpen) this.#resting.add(wake);
      else wake();
    });
  }

  /** Resolves once the connection has ended. */
  async closed(): Promise<void> {
    while (this.isOpen) await this.change();
  }

  /** Names the state for the report on what kept the process open. */
  markAs(state: HolderState): void {
    if (this.isOpen) this.enter(state);
  }

  /** The client leaves. A request it still waits for ends as dropped (unanswered). */
  leave(): void {
    this.settle("left", now());
    this.finish("closed by client", now());
  }

  describe(): Holder | undefined {
    if (this.#state === "connecting" || this.#state === "ended") return undefined;
    const template = this.waitingFor();
    return {
      client: this.entry.client,
      connection: this.entry.number,
      state: this.#state,
      request: template === undefined ? null : `${template.method} ${template.path}`,
      ageMs: now() - this.#since,
    };
  }

  protected abstract received(chunk: Buffer, at: number): void;
  /** Ends every request in flight. */
  protected abstract settle(cause: Cause, at: number): void;
  /** The request its client waits for, if any. */
  protected abstract waitingFor(): RequestTemplate | undefined;

  protected connected(): void {
    this.enter("connection without a byte");
  }

  /** Ends a request that never got onto the connection. `isSpare`: it had served, or was extra. */
  protected endUnsent(request: PlannedRequest, isSpare: boolean): void {
    request.end(explainUnsent(this.#end, isSpare));
  }

  protected enter(state: HolderState): void {
    this.#state = state;
    this.#since = now();
    this.wake();
  }

  protected finish(end: ConnectionEnd, at: number): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#state = "ended";
    this.link.close();
    this.recorder.closeConnection(this.entry, end, at);
    this.#onEnded();
    this.wake();
    for (const interrupt of [...this.#resting]) interrupt();
  }

  protected change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.add(resolve));
  }

  protected wake(): void {
    const waiting = this.#waiting;
    this.#waiting = new Set();
    for (const resolve of waiting) resolve();
  }

  #failed(code: string, at: number): void {
    const end = classifyFailure(code, {
      isConnecting: this.#state === "connecting",
      isHere: isLoopback(this.target.address),
    });
    const isOwn = end === "prover failed";
    if (isOwn) {
      const what = explainOwnFailure(code, this.target.address.port);
      this.recorder.onFault(`connection ${String(this.entry.number)}: ${what}`);
    }
    this.settle(isOwn ? "prover" : "reset", at);
    this.finish(end, at);
  }
}

function explainUnsent(end: ConnectionEnd | undefined, isSpare: boolean): Ending {
  if (end === "prover failed") return { outcome: "unsent", kind: "prover" };
  if (end === "closed by client") return { outcome: "unsent", kind: "ended" };
  if (end === "refused") return { outcome: "refused", kind: "refused" };
  if (end === "timed out") return { outcome: "refused", kind: "timeout" };
  // A connection that had served and went before the write costs nothing: its client takes another.
  if (isSpare) return { outcome: "unsent", kind: "closed" };
  return { outcome: "refused", kind: end === "reset by service" ? "reset" : "closed" };
}
