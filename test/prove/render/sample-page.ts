import type { ProveResult, RequestRow } from "#src/prove/index.js";
import { collectRequests } from "#src/prove/render/page/collect.js";
import { renderPage } from "#src/prove/render/page/write-page.js";
import {
  NASTY,
  sampleFinding,
  sampleResult,
  sampleRow,
  sampleStop,
  sampleTrial,
} from "../facts/sample-result.js";

/** A page of that result and those requests. */
function renderSample(result: ProveResult, rows: readonly RequestRow[]): string {
  const requests = collectRequests();
  for (const row of rows) requests.add(row);
  return renderPage(result, requests, { writtenAt: new Date("2026-01-02T03:04:05Z") });
}

/** The request that the first finding's evidence names: its path is as nasty as they come. */
export const CUT = "p7-1-cut";

/** Two trials, the second of which lost nothing; one of the lost requests has a finding. */
export function renderTwoTrials(): string {
  const evidence = [{ ...sampleFinding().evidence[0], request: CUT }] as const;
  const findings = [
    sampleFinding({
      evidence: evidence as unknown as ReturnType<typeof sampleFinding>["evidence"],
    }),
    sampleFinding({ id: "exit/late", severity: "warning", evidence: [] }),
  ];
  const trials = [sampleTrial(), sampleTrial({ trial: 2, verdict: "pass" })];
  const lost = [
    sampleRow({
      id: CUT,
      client: "slow",
      path: `/${NASTY}`,
      connection: 900,
      startMs: -100,
      endMs: 12,
      outcome: "dropped",
      kind: "reset",
      status: null,
    }),
    sampleRow({
      id: "p7-1-refused",
      connection: 901,
      startMs: null,
      endMs: 40,
      outcome: "refused",
      kind: "refused",
      status: null,
    }),
    sampleRow({
      id: "p7-1-unsent",
      connection: 902,
      startMs: null,
      endMs: 41,
      outcome: "unsent",
      kind: "closed",
      status: null,
    }),
  ];
  return renderSample(sampleResult({ findings, trials }), [
    ...answered(1, 400),
    ...lost,
    ...answered(2, 200),
  ]);
}

/** As many requests of a pool of 40 as asked for, over 30 s; every 500th is lost. */
export function renderMany(count: number): string {
  const each = count / 40;
  const rows = Array.from({ length: count }, (_, at): RequestRow => {
    const connection = (at % 40) + 1;
    const startMs = -1_000 + Math.floor(at / 40) * (31_000 / each) + connection / 10;
    const isLost = at % 500 === 499;
    return sampleRow({
      id: `p7-1-${String(at)}`,
      path: `/items/${String(at)}`,
      connection,
      startMs,
      endMs: startMs + (31_000 / each) * 0.7,
      ...(isLost ? { outcome: "dropped", kind: "reset", status: null } : {}),
    });
  });
  const stop = sampleStop();
  const timeline = { ...stop.timeline, lastByteMs: 29_900, exitMs: 30_000 };
  return renderSample(
    sampleResult({ trials: [sampleTrial({ stops: [{ ...stop, timeline }] })] }),
    rows,
  );
}

function answered(trial: number, count: number): RequestRow[] {
  return Array.from({ length: count }, (_, at) =>
    sampleRow({
      trial,
      id: `p7-${String(trial)}-${String(at)}`,
      client: at % 5 === 0 ? "fresh" : "pool",
      connection: at % 5 === 0 ? 100 + at : (at % 8) + 1,
      path: `/items/${String(at)}`,
      startMs: -800 + at * 3,
      endMs: -790 + at * 3,
    }),
  );
}
