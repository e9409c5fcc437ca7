import { constants } from "node:os";
import { type ConnectionEntry, type Entry, isLost } from "../facts/ledger.js";
import type { ExitResult, Exposure, StopResult, Timeline, TimelineBins } from "../facts/result.js";
import type { SubjectExit, Stop } from "../facts/stop.js";
import type { LoadOutcome } from "../load/start.js";
import type { ResolvedOptions } from "../options/resolve.js";
import { measureLatency } from "./latency.js";
import { readReports } from "./read-reports.js";

// Shown before the signal, for comparison.
const LEAD_MS = 1_000;
const BIN_MS = 50;

/** Puts one stop and what its clients saw together. */
export function observeStop(
  stop: Stop,
  outcome: LoadOutcome,
  options: Pick<ResolvedOptions, "signal" | "rtt" | "pointing">,
): StopResult {
  const isMine = (item: { generation: number }): boolean => item.generation === stop.generation;
  const entries = outcome.entries.filter(isMine);
  const { pointing } = options;
  const hasCommand = pointing.way === "attach" && pointing.stopWith !== null;
  const timeline = drawTimeline(stop, entries, outcome.connections.filter(isMine));
  return {
    generation: stop.generation,
    signal: hasCommand ? null : options.signal,
    websocketCloses: countCloses(entries, stop.signalledAt),
    exit: describeExit(stop, timeline.lastByteMs),
    // When a command makes it stop, it cannot be said when it was told.
    inFlightAtSignal: hasCommand ? null : countInFlight(stop.signalledAt, entries, options.rtt),
    exposed: measureExposure(entries, stop.signalledAt),
    latency: measureLatency(entries, stop.signalledAt),
    reports: readReports(stop.lastWords?.reports ?? []),
    output: stop.lastWords?.lines ?? [],
    timeline,
  };
}

function measureExposure(entries: readonly Entry[], signalledAt: number): Exposure {
  const exposed = entries.filter(({ endedAt, outcome }) => {
    return endedAt >= signalledAt && outcome !== "unsent" && outcome !== "retryable";
  });
  return { requests: exposed.length, lost: exposed.filter(isLost).length };
}

function describeExit(stop: Stop, lastByteMs: number | null): ExitResult {
  const { exit, held, orphans } = stop;
  const since = (at: number | null): number | null =>
    exit === null || at === null ? null : round(exit.at - at);
  return {
    code: exit === null ? null : shellCode(exit),
    signal: exit?.signal ?? null,
    afterSignalMs: since(stop.signalledAt),
    afterSecondSignalMs: since(stop.signalledAgainAt),
    // What it wrote last may be read when it has gone.
    afterLastByteMs: lastByteMs === null ? null : atLeast0(since(stop.signalledAt + lastByteMs)),
    killed: exit === null ? null : held,
    running: exit === null ? held : null,
    orphans,
  };
}

function atLeast0(ms: number | null): number | null {
  return ms === null ? null : Math.max(0, ms);
}

function shellCode({ code, signal }: SubjectExit): number | null {
  return signal === null ? code : 128 + constants.signals[signal];
}

/** A browser's name for a WebSocket that ended without a close frame (RFC 6455 §7.1.5). */
const ABNORMAL = 1006;

/** How often each close code was seen since the signal. */
function countCloses(entries: readonly Entry[], signalledAt: number): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { client, endedAt, kind, status } of entries) {
    if (client !== "websocket" || endedAt < signalledAt || !CLOSED.has(kind)) continue;
    const code = String(kind === "abnormal-close" ? ABNORMAL : status);
    counts[code] = (counts[code] ?? 0) + 1;
  }
  return counts;
}

// Truncated: inside the handshake, without a code; inside a message, with one.
const CLOSED: ReadonlySet<string> = new Set(["closed", "abnormal-close"]);

/** Half a round trip after it was sent a request is with the service. */
function countInFlight(signalledAt: number, entries: readonly Entry[], rtt: number): number {
  return entries.filter(({ sentAt, endedAt, lastByteAt }) => {
    const isBegun = sentAt !== null && sentAt + rtt / 2 <= signalledAt;
    return isBegun && (lastByteAt ?? endedAt) > signalledAt;
  }).length;
}

function drawTimeline(
  stop: Stop,
  entries: readonly Entry[],
  connections: readonly ConnectionEntry[],
): Timeline {
  const since = (at: number | undefined): number | null =>
    at === undefined ? null : round(at - stop.signalledAt);
  const answered = new Set(entries.filter(isAnswered).map(({ connection }) => connection));
  const accepted = connections.filter(({ number }) => answered.has(number));
  const refused = connections.filter(({ end }) => end === "refused");
  const exitMs = since(stop.exit?.at);
  const after = (at: number): boolean => at >= stop.signalledAt;
  return {
    // A fresh client asks for the close itself, so its answers prove nothing.
    firstCloseMs: since(
      least(
        connections.filter(isHttp1).map(({ saidCloseAt }) => saidCloseAt),
        after,
      ),
    ),
    firstGoawayMs: since(
      least(
        connections.filter(isH2).map(({ saidCloseAt }) => saidCloseAt),
        after,
      ),
    ),
    signalledAgainMs: since(stop.signalledAgainAt ?? undefined),
    lastAcceptedMs: since(most(accepted.map(({ connectedAt }) => connectedAt))),
    listenerClosedMs: since(before(stop.unlistenedAt, stop.exit?.at)),
    firstRefusedMs: since(
      least(
        refused.map(({ endedAt }) => endedAt),
        after,
      ),
    ),
    lastByteMs: since(most(entries.map(({ lastByteAt }) => lastByteAt))),
    exitMs,
    bins: fillBins(stop.signalledAt, exitMs, entries),
  };
}

function fillBins(
  signalledAt: number,
  exitMs: number | null,
  entries: readonly Entry[],
): TimelineBins {
  const last = most(entries.map(({ endedAt }) => endedAt)) ?? signalledAt;
  const endMs = Math.max(exitMs ?? 0, last - signalledAt);
  const size = Math.max(1, Math.ceil((endMs + LEAD_MS) / BIN_MS));
  const ok = Array.from({ length: size }, () => 0);
  const lost = [...ok];
  for (const entry of entries) {
    const at = Math.floor((entry.endedAt - signalledAt + LEAD_MS) / BIN_MS);
    const bins = entry.outcome === "ok" ? ok : isLost(entry) ? lost : undefined;
    const before = bins?.[at];
    if (bins !== undefined && before !== undefined) bins[at] = before + 1;
  }
  return { startMs: -LEAD_MS, widthMs: BIN_MS, ok, lost };
}

function isAnswered({ outcome, kind }: Entry): boolean {
  return outcome === "ok" || kind === "5xx";
}

function isHttp1({ client }: ConnectionEntry): boolean {
  return client !== "fresh" && client !== "websocket" && !client.startsWith("h2");
}

function isH2({ client }: ConnectionEntry): boolean {
  return client.startsWith("h2");
}

function most(values: readonly (number | null)[]): number | undefined {
  return values.reduce<number | undefined>(
    (best, value) => (value !== null && (best === undefined || value > best) ? value : best),
    undefined,
  );
}

function least(
  values: readonly (number | null)[],
  isCounted: (value: number) => boolean,
): number | undefined {
  const counted = values.filter((value) => value !== null && isCounted(value));
  return counted.reduce<number | undefined>(
    (best, value) => (value !== null && (best === undefined || value < best) ? value : best),
    undefined,
  );
}

/** An exit closes the listener too: only what came before it is a step of its own. */
function before(at: number | null, end = Number.POSITIVE_INFINITY): number | undefined {
  return at === null || at >= end ? undefined : at;
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
