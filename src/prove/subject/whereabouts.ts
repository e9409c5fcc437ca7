import { setTimeout as sleep } from "node:timers/promises";
import { addressOf, listListening, type Listening } from "../machine/listening.js";
import { now } from "../machine/now.js";
import type { Address } from "../request/address.js";
import type { Spawned } from "./spawned.js";
import { listPids } from "./subject.js";

const LOOK_MS = 250;
// A service may open another port, such as one for metrics, before the one that matters.
const SETTLED_MS = 2_000;

/** Lists what a started service listens on. Empty where that cannot be seen. */
export function listPorts(subject: Spawned): Promise<Listening[]> {
  return listListening(listPids(subject));
}

/**
 * Resolves to where a service listens that does not heed PORT: on exactly one other port, for two
 * seconds; or on PORT, but on another address than 127.0.0.1. Never resolves otherwise.
 */
export async function findElsewhere(
  subject: Spawned,
  isWanted: () => boolean,
): Promise<Address | undefined> {
  const { port } = subject.address;
  let since = now();
  let before: number | undefined;
  while (isWanted()) {
    await sleep(LOOK_MS, undefined, { ref: false });
    const ports = await listPorts(subject);
    const own = ports.find((listening) => listening.port === port);
    if (own !== undefined && own.host !== "127.0.0.1") return addressOf(own);
    const only = own === undefined && ports.length === 1 ? ports[0] : undefined;
    if (only?.port !== before) since = now();
    before = only?.port;
    if (only !== undefined && now() - since >= SETTLED_MS) return addressOf(only);
  }
  return undefined;
}

/** Says in a sentence where a service listens that does not answer where it was expected to. */
export function describePorts(ports: readonly Listening[], asked: string): string {
  if (ports.length === 0) return "it listens on no port";
  const list = ports.map(({ port }) => String(port));
  const hint = list.map((port) => `--port ${port}`).join(" or ");
  return `it listens on ${list.join(" and ")}, not on ${asked}: pass ${hint}`;
}
