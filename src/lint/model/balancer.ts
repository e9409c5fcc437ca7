import type { Spot } from "../source/source.js";
import type { Value } from "../source/value.js";
import type { Workload } from "./workload.js";

/** What sends requests to a workload, and how long it goes on after the stop began. Times are in milliseconds. */
export interface Balancer {
  readonly kind: "service" | "haproxy" | "nginx" | "traefik" | "envoy" | "alb" | "gce" | "consul";
  /** `backend shop`, `Service api`. */
  readonly name: string;
  readonly spot: Spot;
  /** The host names that it sends to, as they are written, without ports. */
  readonly hosts: readonly Value<string>[];
  /** L: until it has let go. Null where it never does of its own accord, or that cannot be known. */
  readonly lag: Value<number> | null;
  /** How the lag comes about, for the sum: `inter 2 s × fall 3`. */
  readonly sum: string;
  /** The path that it asks for; null where it does not ask over HTTP. */
  readonly checkPath: Value<string> | null;
  /** How long it keeps idle connections to the server; null where it keeps none, or that is not known. */
  readonly keepAlive: Value<number> | null;
  /** Whether it sends to a workload, where that takes more than a host's name. */
  readonly selects: ((workload: Workload) => boolean) | null;
  /** Set by `tie/`: what it sends to. */
  readonly workloads: readonly Workload[];
}
