/** What became of a request. Every planned request ends as exactly one of these. */
export type Outcome = "ok" | "retryable" | "refused" | "dropped" | "unsent";

/** Each outcome's own reasons, so that a breakdown says what the client saw. */
interface Kinds {
  /**
   * `early` is a complete answer that came before the upload's last byte. A WebSocket ends `closed`
   * with a close frame, its code in `status`. `left` is an event stream or a WebSocket in good order
   * that its client left because the run was over. `between-events` is an event stream whose connection ended
   * after a whole event, without its last chunk: its client connects again by itself (WHATWG HTML §9.2.3).
   */
  ok: "complete" | "early" | "closed" | "left" | "between-events";
  /**
   * HTTP/2 only: the service said that it did not process it (RFC 9113 §8.7). Its client sends it
   * again on a new session while the balancer still routes, as a request of its own.
   */
  retryable: "refused-stream" | "above-goaway";
  /**
   * Nothing was sent: the connect was refused, or was not over within its time, or the new connection
   * was taken away at once.
   */
  refused: "refused" | "timeout" | "reset" | "closed";
  /**
   * Sent, at least in part, then: reset before the answer's first byte; ended without a byte;
   * ended inside the answer; answered with what its protocol does not allow; answered 5xx; never
   * answered; left behind on a pipelined connection whose earlier answer said close; refused again
   * when it was sent again; a WebSocket without a close frame; a handshake that was not accepted; an
   * answer that is no event stream; another status or body than the request expects, which its own does before the signal.
   */
  dropped:
    | "reset"
    | "empty"
    | "truncated"
    | "malformed"
    | "5xx"
    | "unanswered"
    | "after-close"
    | "refused-again"
    | "abnormal-close"
    | "not-upgraded"
    | "no-stream"
    | "unexpected-status"
    | "unexpected-body";
  /**
   * Never written: the connection went first, the run ended, an arrival found no connection free
   * until then, or the prover itself failed.
   */
  unsent: "closed" | "ended" | "queued" | "prover";
}

export const KINDS: { readonly [O in Outcome]: readonly Kinds[O][] } = {
  ok: ["complete", "early", "closed", "left", "between-events"],
  retryable: ["refused-stream", "above-goaway"],
  refused: ["refused", "timeout", "reset", "closed"],
  dropped: [
    "reset",
    "empty",
    "truncated",
    "malformed",
    "5xx",
    "unanswered",
    "after-close",
    "refused-again",
    "abnormal-close",
    "not-upgraded",
    "no-stream",
    "unexpected-status",
    "unexpected-body",
  ],
  unsent: ["closed", "ended", "queued", "prover"],
};

/** How a request ended: an outcome with one of its own kinds. */
export type Ending = {
  [O in Outcome]: { readonly outcome: O; readonly kind: Kinds[O] };
}[Outcome];

/** The clients of the load, by what they do at the stop. */
export const CLIENTS = [
  "pool",
  "rate",
  "fresh",
  "slow",
  "upload",
  "idle",
  "silent",
  "half-head",
  "pipeline",
  "expect",
  "stalled",
  "events",
  "websocket",
  "h2",
  "h2-idle",
] as const;

export type Client = (typeof CLIENTS)[number];

/** One request in the ledger. Instants are `now()` milliseconds. */
export interface Entry {
  readonly id: string;
  readonly client: Client;
  readonly method: string;
  readonly path: string;
  readonly connection: number;
  readonly generation: number;
  /** When it was due; only of the open loop. */
  readonly dueAt?: number;
  /** When its first byte was handed to the connection; null when none was. */
  readonly sentAt: number | null;
  /** When the client learnt how it ended. */
  readonly endedAt: number;
  /** When the answer's first byte arrived on this machine, before the added delay; null for none. */
  readonly firstByteAt: number | null;
  /** The same of its last byte. */
  readonly lastByteAt: number | null;
  readonly outcome: Outcome;
  readonly kind: string;
  /** The answer's status; a WebSocket's close code once it has one. */
  readonly status: number | null;
  /** Whether the answer said `Connection: close`. */
  readonly saysClose: boolean;
  /** What answered, as the answer's `--instance-header` says; absent without one. */
  readonly instance?: string;
}

/** How one connection went. Instants are `now()` milliseconds. */
export interface ConnectionEntry {
  readonly number: number;
  readonly client: Client;
  readonly generation: number;
  /** When its client asked for it. */
  readonly askedAt: number;
  readonly connectedAt: number | null;
  /** When the service first announced its end: `Connection: close`, GOAWAY, a close frame. */
  readonly saidCloseAt: number | null;
  readonly endedAt: number;
  readonly end: ConnectionEnd;
  /** Requests planned for it, counted apart from the entries. */
  readonly planned: number;
}

export type ConnectionEnd =
  | "refused"
  | "timed out"
  | "closed by service"
  | "reset by service"
  | "closed by client"
  | "open at the end"
  | "prover failed";

export interface Tally {
  readonly planned: number;
  readonly ok: number;
  readonly retryable: number;
  readonly refused: number;
  readonly dropped: number;
  readonly unsent: number;
}

/** Counts entries by outcome. `planned` is passed in because it is counted on its own. */
export function tally(planned: number, entries: readonly Entry[]): Tally {
  const counts = { planned, ok: 0, retryable: 0, refused: 0, dropped: 0, unsent: 0 };
  for (const entry of entries) counts[entry.outcome] += 1;
  return counts;
}

/** planned = ok + retryable + refused + dropped + unsent. */
export function isBalanced({ planned, ok, retryable, refused, dropped, unsent }: Tally): boolean {
  return planned === ok + retryable + refused + dropped + unsent;
}

/**
 * Says where the ledger does not close: a connection whose requests do not all have exactly one
 * end, an id that ended twice, an end that contradicts what was sent. Empty when it closes.
 */
export function audit(
  connections: readonly ConnectionEntry[],
  entries: readonly Entry[],
): readonly string[] {
  const contradictions = entries
    .filter((entry) => !isConsistent(entry))
    .map((entry) => `${entry.id} ended as ${entry.outcome} (${entry.kind}) against its own record`);
  const ids = new Set(entries.map((entry) => entry.id));
  const twice = ids.size === entries.length ? [] : ["a request ended twice"];
  return [...auditConnections(connections, entries), ...twice, ...contradictions];
}

function auditConnections(
  connections: readonly ConnectionEntry[],
  entries: readonly Entry[],
): readonly string[] {
  const unclaimed = new Map<number, Entry[]>();
  for (const entry of entries) {
    const list = unclaimed.get(entry.connection);
    if (list === undefined) unclaimed.set(entry.connection, [entry]);
    else list.push(entry);
  }
  const faults: string[] = [];
  for (const { number, planned } of connections) {
    const counts = tally(planned, unclaimed.get(number) ?? []);
    unclaimed.delete(number);
    if (!isBalanced(counts)) faults.push(`connection ${String(number)}: ${JSON.stringify(counts)}`);
  }
  for (const number of unclaimed.keys()) faults.push(`connection ${String(number)} is not listed`);
  return faults;
}

function isConsistent(entry: Entry): boolean {
  const kinds: readonly string[] = KINDS[entry.outcome];
  if (!kinds.includes(entry.kind)) return false;
  if (entry.kind === "prover") return true;
  const isSent = entry.outcome !== "refused" && entry.outcome !== "unsent";
  return isSent === (entry.sentAt !== null);
}

/** How many clients of each kind; of `rate`, how many connections at most. */
export type ClientCounts = Readonly<Record<Client, number>>;

export interface LoadProgress {
  readonly ended: number;
  readonly lost: number;
  readonly open: number;
}

/** Refused or dropped: the client saw a failure. */
export function isLost(entry: Entry): boolean {
  return entry.outcome === "refused" || entry.outcome === "dropped";
}
