import type { Address } from "../request/address.js";
import { loopback, placeOf } from "../request/address.js";
import { parseUrl } from "../request/url.js";

/** What a proof points at, and how that is made to stop. */
export type Pointing = StartPointing | AttachPointing | RolloutPointing;

/** A command that is started, and signalled. */
export interface StartPointing {
  readonly way: "start";
  readonly command: readonly string[];
  /** Null: a free port, in PORT. */
  readonly address: Address | null;
}

/** Something that runs already, and is told to stop. */
export interface AttachPointing {
  readonly way: "attach";
  /** Null: it is known by its address alone. */
  readonly pid: number | null;
  /** Null: where the process listens. */
  readonly address: Address | null;
  /** The shell command that makes it stop; null: the signal does. */
  readonly stopWith: string | null;
  readonly mayKill: boolean;
}

/** Something that runs already, and a command that runs under load. */
export interface RolloutPointing {
  readonly way: "rollout";
  readonly address: Address;
  readonly during: string;
  /** How long the load goes on after the command's end, in milliseconds. */
  readonly tail: number;
}

/** The options that say what a proof points at. */
export interface PointingOptions {
  readonly command?: readonly string[];
  readonly pid?: number;
  readonly url?: string;
  readonly port?: number;
  readonly stopWith?: string;
  readonly during?: string;
  readonly tail?: number;
  readonly kill?: boolean;
}

const TAIL_MS = 5_000;

/** Reads options that do not clash, see `findClash`. */
export function readPointing(options: PointingOptions): Pointing {
  const { command, pid = null, during, stopWith = null } = options;
  const address = readAddress(options);
  if (command !== undefined) return { way: "start", command, address };
  if (during !== undefined && address !== null) {
    return { way: "rollout", address, during, tail: options.tail ?? TAIL_MS };
  }
  return { way: "attach", pid, address, stopWith, mayKill: options.kill ?? false };
}

function readAddress({ url, port }: PointingOptions): Address | null {
  if (url !== undefined) return parseUrl(url)?.address ?? null;
  return port === undefined ? null : loopback(port);
}

/** What people call it, of options that do not clash. */
export function describeSubject(options: PointingOptions): string {
  return describePointing(readPointing(options));
}

/** What people call it. */
export function describePointing(pointing: Pointing): string {
  if (pointing.way === "start") return pointing.command.join(" ");
  if (pointing.way === "attach" && pointing.pid !== null) return `process ${String(pointing.pid)}`;
  return pointing.address === null ? "" : placeOf(pointing.address);
}
