// model/: a deployment in the words of all platforms: workloads and their times, images, applications, balancers.
import type { Spot } from "../source/source.js";
import type { Value } from "../source/value.js";
import type { Application } from "./application.js";
import type { Command } from "./command.js";
import type { Image } from "./image.js";

export type Platform =
  | "kubernetes"
  | "compose"
  | "swarm"
  | "ecs"
  | "nomad"
  | "fly"
  | "heroku"
  | "systemd"
  | "pm2"
  | "cloud-run"
  | "docker";

/** One program that a platform starts and stops. Times are in milliseconds. */
export interface Workload {
  readonly platform: Platform;
  /** As its reader calls it: `Deployment`, `service`, `unit`, `task`. */
  readonly kind: string;
  /** With its container where it has several: `shop/api`. */
  readonly name: string;
  /** Where its name stands. */
  readonly spot: Spot;
  /** All that belongs to it: an ignore in front of it holds for everything in it. */
  readonly whole: Spot;
  /** G: from the first stop action to SIGKILL. Null where it cannot be known. */
  readonly grant: Value<number> | null;
  /**
   * P: what of it passes before the signal. Null where that cannot be known, such as a hook that runs a program of the
   * image's.
   */
  readonly beforeSignal: Value<number> | null;
  /** What passes before the signal and outside the grant: a balancer lets go in that time too. */
  readonly outsideGrant: Value<number> | null;
  /** S, where the platform decides; null where the image does. */
  readonly signal: Value<string> | null;
  /** Whether all processes get the signal, or the first one alone. */
  readonly signalled: "all" | "first";
  /** What it starts; null for what cannot be known, or comes from the image: `tie/` sets that. */
  readonly command: Command | null;
  /** What it starts in place of the image's ENTRYPOINT. */
  readonly entrypoint: Command | null;
  /** What it starts in place of the image's CMD. */
  readonly cmd: Command | null;
  /** The image's name as it is written; null without one. */
  readonly imageName: Value<string> | null;
  /** How many of it there are; null where that is not known. */
  readonly replicas: Value<number> | null;
  /** Whether something sends it requests, by what its platform's files say. */
  readonly isServed: boolean;
  /** How its image is built, where the platform's file says so. */
  readonly build: Build | null;
  /** Names of its environment, and values where they are literal. */
  readonly environment: ReadonlyMap<string, Value<string | null>>;
  /** Set by `tie/`. */
  readonly image: Image | null;
  /** Set by `tie/`. */
  readonly application: Application | null;
}

/** Paths from the root. */
export interface Build {
  readonly context: string;
  readonly dockerfile: string;
  readonly target: string | null;
}

type Named = Pick<Workload, "platform" | "kind" | "name" | "spot" | "whole">;

/** A workload of which nothing is known but what is given. */
export function createWorkload(known: Named & Partial<Workload>): Workload {
  return {
    grant: null,
    beforeSignal: null,
    outsideGrant: null,
    signal: null,
    signalled: "first",
    command: null,
    entrypoint: null,
    cmd: null,
    imageName: null,
    replicas: null,
    isServed: false,
    build: null,
    environment: new Map(),
    image: null,
    application: null,
    ...known,
  };
}
