import type { ReportedDrain } from "../facts/result.js";

const OUTCOMES: ReadonlySet<unknown> = new Set(["clean", "aborted", "failed"]);

/** Reads the reports of lastcall's drains, a line of JSON each; what is none is left out. */
export function readReports(lines: readonly string[]): ReportedDrain[] {
  return lines.flatMap((line) => {
    const { service, outcome, durationMs, requests } = parse(line);
    if (!OUTCOMES.has(outcome)) return [];
    const { inFlight, letGo, unfinished } = (requests ?? {}) as Readonly<Record<string, unknown>>;
    return [
      {
        service: String(service),
        outcome: outcome as ReportedDrain["outcome"],
        durationMs: toNumber(durationMs),
        inFlight: toNumber(inFlight),
        letGo: toNumber(letGo),
        unfinished: toNumber(unfinished),
      },
    ];
  });
}

function parse(line: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(line) as Readonly<Record<string, unknown>>;
  } catch {
    // It was cut off with the process.
    return {};
  }
}

function toNumber(value: unknown): number {
  return typeof value === "number" ? value : 0;
}
