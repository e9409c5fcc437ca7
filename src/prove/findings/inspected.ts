import { formatDuration } from "../facts/duration.js";
import type { Evidence } from "../facts/finding.js";
import type { After, Inspection, InspectionEntry, InspectionResult } from "../facts/inspection.js";
import type { Sighting } from "./rule.js";

const MAX_EVIDENCE = 20;

interface Told extends InspectionEntry {
  readonly trial: number;
}

/** The entries of the inspections, each line and route once. */
export function tellEntries(inspections: readonly Inspection[]): Told[] {
  const told = new Map<string, Told>();
  for (const { trial, entries } of inspections) {
    for (const entry of entries) {
      const key = nameEntry(entry);
      if (!told.has(key)) told.set(key, { trial, ...entry });
    }
  }
  return [...told.values()];
}

/** One line of one route. */
export function nameEntry({ route, what, source }: InspectionEntry): string {
  return JSON.stringify([route, what, source.file, source.line]);
}

/** The inspection of that name; undefined when it was not reached. */
export function findInspection(
  { inspections }: InspectionResult,
  name: Inspection["name"],
): Inspection | undefined {
  return inspections.find((inspection) => inspection.name === name);
}

/** Undefined without entries. */
export function sightEntries(entries: readonly Told[]): Sighting | undefined {
  const [first] = entries;
  if (first === undefined) return undefined;
  const more = entries.length === 1 ? "" : `, and ${String(entries.length - 1)} more`;
  return {
    what: `${describeEntry(first)}${more}`,
    count: entries.length,
    evidence: entries.slice(0, MAX_EVIDENCE).map(showEntry),
  };
}

/** `GET /report: setTimeout at src/report.js:12:9 (in buildReport) lived 1.0 s after its client left` */
function describeEntry(entry: InspectionEntry): string {
  const { route, what, source } = entry;
  const where = source.in === null ? "" : ` (in ${source.in})`;
  const place = `${source.file}:${String(source.line)}:${String(source.column)}`;
  return `${route}: ${what} at ${place}${where} ${describeLife(entry)}`;
}

/** Its place stands beside it; where that is somewhere else, the handler's own line too. */
function showEntry(entry: Told): Evidence {
  const { trial, request, route, what, source, callers } = entry;
  const begun = callers.at(-1);
  const from = begun === undefined ? "" : `, begun at ${begun.file}:${String(begun.line)}`;
  const text = `${route}: ${what} ${describeLife(entry)}${from}`;
  return { what: text, trial, atMs: null, request, route, source };
}

/** `lived 1.2 s after its client left` */
function describeLife({ until, livedMs, after }: InspectionEntry): string {
  const ms = formatDuration(livedMs);
  const since = SINCE[after];
  if (until === "listed") return `lived ${ms} after ${since}`;
  const end = until === "process-exited" ? "the process exited" : "the grace period ended";
  return `was still alive when ${end}, ${ms} after ${since}`;
}

const SINCE: Readonly<Record<After, string>> = {
  "client-left": "its client left",
  cut: "its connection was cut",
  answer: "its answer",
  signal: "the signal",
};
