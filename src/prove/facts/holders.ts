import type { Client } from "./ledger.js";

/** What kind of connection the service had not closed when it was killed. */
export type HeldKind = "idle" | "stream" | "websocket" | "h2" | "pool";

const IDLE: ReadonlySet<string> = new Set([
  "idle keep-alive connection",
  "connection without a byte",
  "half-sent head",
]);

export function kindOf({ client, state }: Holder): HeldKind {
  if (client === "websocket") return "websocket";
  if (client === "h2" || client === "h2-idle") return "h2";
  // Its next request comes by itself, as long as it is not told to go elsewhere.
  if (client === "pool" || client === "rate" || client === "fresh") return "pool";
  return IDLE.has(state) ? "idle" : "stream";
}

/** One name for one kind of holder, so that what is counted here and there is the same. */
export function nameHolder(holder: Holder): string {
  const { state, request } = holder;
  const what = request === null ? state : `${state} (${request})`;
  const kind = kindOf(holder);
  if (kind === "pool") return `${what} of the pool`;
  return kind === "h2" && request !== null ? `${what} on HTTP/2` : what;
}

/** `2 × half-sent head`, and so on, in the order in which they are met. */
export function countHolders(holders: readonly Holder[]): string[] {
  const counts = new Map<string, number>();
  for (const holder of holders) {
    const name = nameHolder(holder);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) => `${String(count)} × ${name}`);
}

/** What an open connection is doing, in the words of the verdict. */
export type HolderState =
  | "request in flight"
  | "upload in flight"
  | "idle keep-alive connection"
  | "connection without a byte"
  | "half-sent head"
  | "stalled reader"
  | "event stream"
  | "WebSocket"
  | "closing WebSocket"
  | "idle HTTP/2 session";

/** A connection of ours that the service had not closed. */
export interface Holder {
  readonly client: Client;
  readonly connection: number;
  readonly state: HolderState;
  /** `GET /report` for a request in flight; null for the others. */
  readonly request: string | null;
  /** How long it has been in that state. */
  readonly ageMs: number;
}
