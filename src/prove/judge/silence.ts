import type { ConnectionEntry, Entry } from "../facts/ledger.js";
import type { Silence } from "../facts/result.js";
import { since } from "../facts/row.js";

export interface Listened {
  readonly entries: readonly Entry[];
  readonly connections: readonly ConnectionEntry[];
}

/** When the load had somewhere to send. Instants are `now()`. */
export interface Window {
  /** The signal, or the command's start. */
  readonly origin: number;
  readonly to: number;
  readonly limitMs: number;
}

// Not worth a look at what was waiting meanwhile.
const SHORT_MS = 100;

interface Pause {
  readonly from: number;
  readonly to: number;
}

/** Finds the longest silence from the first answer on; null when there was no answer at all. */
export function measureSilence(load: Listened, { origin, to, limitMs }: Window): Silence | null {
  const asked = listAsked(load);
  const answers = load.entries
    .filter(({ outcome }) => outcome === "ok")
    .map(({ lastByteAt, endedAt }) => lastByteAt ?? endedAt)
    .filter((at) => at <= to)
    .sort((a, b) => a - b);
  const [first] = answers;
  if (first === undefined) return null;
  const pauses = answers
    .map((from, at) => ({ from, to: answers[at + 1] ?? to }))
    .map((pause) => (pause.to - pause.from > SHORT_MS ? shorten(pause, asked) : pause));
  const before = longest(pauses.filter((pause) => pause.to <= origin));
  const worst = longest(pauses.filter((pause) => pause.to > origin));
  return {
    fromMs: since(origin, worst.from),
    lastedMs: since(worst.from, worst.to),
    limitMs: Math.max(limitMs, Math.round(2 * (before.to - before.from))),
  };
}

/** When something was asked for, and for how long; what stays open is not waited for. */
function listAsked({ entries, connections }: Listened): Pause[] {
  const connected = new Map(connections.map(({ number, askedAt }) => [number, askedAt]));
  return entries
    .filter(({ client, outcome }) => outcome !== "unsent" && !ENDLESS.has(client))
    .map(({ sentAt, endedAt, connection }) => {
      return { from: sentAt ?? connected.get(connection) ?? endedAt, to: endedAt };
    })
    .sort((a, b) => a.from - b.from);
}

const ENDLESS: ReadonlySet<string> = new Set(["events", "websocket"]);

/** No request waits before one is sent. */
function shorten({ from, to }: Pause, asked: readonly Pause[]): Pause {
  const waits = asked.find((ask) => ask.to > from);
  const begin = waits === undefined ? to : Math.min(to, Math.max(from, waits.from));
  return { from: begin, to };
}

function longest(pauses: readonly Pause[]): Pause {
  return pauses.reduce((best, one) => (one.to - one.from > best.to - best.from ? one : best), {
    from: 0,
    to: 0,
  });
}
