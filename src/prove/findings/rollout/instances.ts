import { formatDuration } from "../../facts/duration.js";
import type { RequestRow } from "../../facts/row.js";
import type { RolloutFacts } from "../facts.js";

/**
 * What each request was with, by its id: what its answer says, or else what had answered before on its
 * connection. Empty where answers say nothing.
 */
export function findInstances(requests: readonly RequestRow[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const byConnection = new Map<number, string>();
  for (const row of [...requests].sort((a, b) => a.endMs - b.endMs)) {
    const instance = row.instance ?? byConnection.get(row.connection);
    if (instance === undefined) continue;
    byConnection.set(row.connection, instance);
    found.set(row.id, instance);
  }
  return found;
}

/** The requests before which something was answered on their connection. */
export function findReused(requests: readonly RequestRow[]): ReadonlySet<string> {
  const answered = new Set<number>();
  const reused = new Set<string>();
  for (const { id, connection, outcome } of [...requests].sort((a, b) => a.endMs - b.endMs)) {
    if (answered.has(connection)) reused.add(id);
    if (outcome === "ok") answered.add(connection);
  }
  return reused;
}

/** When an instance was first seen to stop, from the command's start. */
interface InstanceStop {
  readonly atMs: number;
  readonly how: "said close" | "answered last";
}

/** `, 12 ms after shop-1 first said close`: empty where that is not known. */
export function stopOf(facts: RolloutFacts, { id, endMs }: RequestRow): string {
  const instance = facts.instances.get(id);
  const stop = instance === undefined ? undefined : findStop(facts, instance);
  if (stop === undefined || instance === undefined) return "";
  const awayMs = endMs - stop.atMs;
  const when = `${formatDuration(Math.abs(awayMs))} ${awayMs < 0 ? "before" : "after"}`;
  return `, ${when} ${instance} ${stop.how === "said close" ? "first said close" : stop.how}`;
}

/** The instances that answered before the command and went on to the end of the run. */
export function listStaying({ instances, requests, rollout }: RolloutFacts): string[] {
  const answers = requests.filter(({ outcome }) => outcome === "ok");
  const seen = (isCounted: (row: RequestRow) => boolean): Set<string> =>
    new Set(answers.filter(isCounted).flatMap(({ id }) => instances.get(id) ?? []));
  const before = seen(({ endMs }) => endMs < 0);
  const last = seen(({ endMs }) => endMs > rollout.endMs + rollout.tailMs - LAST_MS);
  return [...before].filter((instance) => last.has(instance));
}

/** What answers within so much of the end has not stopped. */
const LAST_MS = 500;

function findStop(facts: RolloutFacts, instance: string): InstanceStop | undefined {
  const answers = facts.requests.filter(
    ({ id, outcome, endMs }) =>
      outcome === "ok" && endMs >= 0 && facts.instances.get(id) === instance,
  );
  // A fresh client asks for the close itself.
  const closes = answers.filter(({ client, saysClose }) => client !== "fresh" && saysClose);
  if (closes.length > 0) {
    return { atMs: Math.min(...closes.map(({ endMs }) => endMs)), how: "said close" };
  }
  const atMs = Math.max(...answers.map(({ endMs }) => endMs));
  const isOver = atMs < facts.rollout.endMs + facts.rollout.tailMs - LAST_MS;
  return answers.length > 0 && isOver ? { atMs, how: "answered last" } : undefined;
}
