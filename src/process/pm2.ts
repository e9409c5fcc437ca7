import path from "node:path";

import type { Led } from "./followers/leader.js";

/** How long PM2 waits between its signal and SIGKILL unless it is told otherwise, in ms. */
const KILL_TIMEOUT = 1_600;

/** What PM2 has told this process of its settings: they stand in the environment, under their own names. */
export interface Pm2Settings {
  /** From the signal to SIGKILL, in ms. */
  readonly killTimeout: number;
  /** It takes the process for started when that says `ready`. */
  readonly waitsForReady: boolean;
  /** It says `shutdown` instead of sending a signal. */
  readonly saysShutdown: boolean;
}

/** The settings of PM2, where it manages this process or one above it; undefined elsewhere. */
function readPm2(environment: NodeJS.ProcessEnv = process.env): Pm2Settings | undefined {
  if (environment["pm_id"] === undefined || environment["pm_exec_path"] === undefined) {
    return undefined;
  }
  const { kill_timeout: own, PM2_KILL_TIMEOUT: all } = environment;
  const hasChannel = isStartedByPm2();
  return {
    killTimeout: readTime(own) ?? readTime(all) ?? KILL_TIMEOUT,
    waitsForReady: hasChannel && environment["wait_ready"] === "true",
    saysShutdown: hasChannel && environment["shutdown_with_message"] === "true",
  };
}

function readTime(text: string | undefined): number | undefined {
  const time = Number(text);
  return time > 0 && Number.isFinite(time) ? time : undefined;
}

/** A program that a managed one starts inherits its environment; PM2 itself starts a file of its own. */
function isStartedByPm2(): boolean {
  const file = path.basename(process.argv[1] ?? "");
  return process.send !== undefined && /^ProcessContainer(?:Fork)?\.js$/.test(file);
}

/** PM2, where it has started this process: it kills sooner than other platforms, and may want messages for signals. */
export class Pm2 {
  readonly #led: Led;
  #settings: Pm2Settings | undefined;
  #hasSaidReady = false;

  constructor(led: Led) {
    this.#led = led;
  }

  /** From its signal to SIGKILL, in ms; infinite without PM2. */
  get killTimeout(): number {
    return this.#settings?.killTimeout ?? Number.POSITIVE_INFINITY;
  }

  get isThere(): boolean {
    return this.#settings !== undefined;
  }

  start(): void {
    this.#settings = readPm2();
    if (this.#settings === undefined) return;
    this.#led.grant(this.#settings.killTimeout);
    if (this.#settings.saysShutdown) process.on("message", this.#onMessage);
  }

  release(): void {
    process.off("message", this.#onMessage);
  }

  /** Every service is ready. */
  ready(): void {
    if (this.#settings?.waitsForReady !== true || this.#hasSaidReady) return;
    this.#hasSaidReady = true;
    process.send?.("ready");
  }

  readonly #onMessage = (message: unknown): void => {
    if (message === "shutdown") this.#led.stop({ reason: "shutdown", isHurried: false }, "outside");
  };
}
