import { setTimeout as sleep } from "node:timers/promises";
import { CannotRunError } from "../facts/errors.js";
import { describeProcess, listDescendants, parentOf } from "../machine/group.js";
import { findHoldsAt } from "../machine/listening.js";
import type { Address } from "../request/address.js";
import { isYounger, type Spawned } from "./spawned.js";
import { listPids } from "./subject.js";

/** What listens for a container, or is the ancestor of what runs in one. */
const CONTAINERS =
  /(?:^|\/)(?:docker-proxy|rootlessport|rootlesskit|slirp4netns|pasta|conmon|containerd-shim\S*)(?: |$)/u;

/** How soon a command has gone after what it left in the background answers, in ms. */
const DAEMON_MS = 500;

/**
 * Makes sure that what answers on a started service's port was started by its command: another process
 * that has the port would be loaded, and the command be judged by it. Where that cannot be seen nothing
 * is refused. What is left by a command that has ended is not its affair. Throws PROVE_PORT_TAKEN.
 */
export async function refuseStranger(subject: Spawned): Promise<void> {
  const holds = await findHoldsAt(subject.address);
  const own = new Set([
    ...listPids(subject),
    ...listDescendants(subject.pid).map(({ pid }) => pid),
  ]);
  // A listener that was handed over is in the process that made it, too.
  const shared = new Set(holds.filter(({ pid }) => own.has(pid)).map(({ target }) => target));
  const stranger = holds.find(({ target, pid }) => !shared.has(target) && !isContainer(pid));
  if (stranger === undefined) return;
  // A daemon that keeps nothing of its parent's: the command is about to leave, and that says more of it.
  if (isYounger(stranger.pid, subject)) {
    await Promise.race([subject.exit, sleep(DAEMON_MS, undefined, { ref: false })]);
    if (subject.hasExited) return;
  }
  const owner = `process ${String(stranger.pid)} (${describeProcess(stranger.pid)})`;
  const also = shared.size > 0 ? "also answered" : "answered";
  const text = `${describePlace(subject.address)} is ${also} by ${owner}, which \`${subject.name}\` did not start`;
  throw new CannotRunError("PROVE_PORT_TAKEN", text);
}

function describePlace({ port, path }: Address): string {
  return path ?? `port ${String(port)}`;
}

/** A container's processes are children of its runtime, and not of the command that asked for it. */
function isContainer(pid: number): boolean {
  for (let at = pid; at > 1; at = parentOf(at)) {
    if (CONTAINERS.test(describeProcess(at))) return true;
  }
  return false;
}
