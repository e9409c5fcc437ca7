import { formatDuration } from "../../facts/duration.js";
import type { ConnectionRow, StopFacts } from "../facts.js";
import type { Rule, Sighting } from "../rule.js";
import { afterSignal, MAX_EVIDENCE, showFact } from "../say.js";

export const shortTimeout: Rule = {
  id: "keepalive/short-timeout",
  severity: "error",
  title:
    "idle connections are closed sooner than the balancer closes them (`--balancer-keepalive`)",
  cause:
    "The balancer believes that it may use a kept connection for longer than the service keeps it. When it sends a request in the moment in which the service closes the connection, the request is lost: a 502 now and then, at any time, without a stop. Node closes after 5 s by default, balancers keep connections for 60 s and more.",
  next: "Keep idle connections for longer than what is in front does: in Node `server.keepAliveTimeout = 65_000` behind a balancer with 60 s (and `server.headersTimeout` above it before Node 20), in Go `IdleTimeout`, `--timeout-keep-alive` of uvicorn; or have the balancer keep them for less long.",
  explainedBy: [],
  find: (facts: StopFacts): Sighting | undefined => {
    const { keepAlive, trial } = facts;
    if (keepAlive === null) return undefined;
    const { limitMs, toldMs, closedMs } = keepAlive;
    const closed = listClosed(facts).filter(({ idleMs }) => idleMs < limitMs);
    const told = toldMs !== null && toldMs <= limitMs ? toldMs : null;
    const idle = Math.min(
      ...closed.map(({ idleMs }) => idleMs),
      closedMs ?? Infinity,
      told ?? Infinity,
    );
    if (!Number.isFinite(idle)) return undefined;
    const balancer = `the balancer keeps them for ${formatDuration(limitMs)}`;
    return {
      what: `idle connections are closed after ${formatDuration(idle)}, and ${balancer}`,
      count: Math.max(1, closed.length),
      evidence: [
        ...(told === null
          ? []
          : [
              showFact(
                trial,
                `an answer said \`Keep-Alive: timeout=${String(told / 1_000)}\``,
                null,
              ),
            ]),
        ...(closedMs === null
          ? []
          : [
              showFact(
                trial,
                `a connection without requests was closed after ${formatDuration(closedMs)}`,
                null,
              ),
            ]),
        ...closed
          .slice(0, MAX_EVIDENCE)
          .map(({ row, idleMs }) =>
            showFact(
              trial,
              `connection ${String(row.number)} (${row.client}) was closed between requests ${afterSignal(row.endMs)}, idle for ${formatDuration(idleMs)}`,
              row.endMs,
            ),
          ),
      ],
    };
  },
};

interface Closed {
  readonly row: ConnectionRow;
  readonly idleMs: number;
}

/** Connections that the service closed before the signal, without a word, when they had been answered. */
function listClosed({ connections, requests }: StopFacts): Closed[] {
  return [...connections.values()].flatMap((row) => {
    const { end, endMs, saidCloseMs, number } = row;
    if (end !== "closed by service" || endMs >= 0 || saidCloseMs !== null) return [];
    const own = requests.filter(({ connection }) => connection === number);
    if (own.length === 0 || own.some(({ outcome }) => outcome !== "ok")) return [];
    return [{ row, idleMs: endMs - Math.max(...own.map((request) => request.endMs)) }];
  });
}
