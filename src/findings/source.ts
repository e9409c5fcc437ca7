import type { Evidence, SourceLocation } from "./finding.js";

/** As files are named for readers of an output: relative to the project, with `/`. */
export type NameFile = (file: string) => string;

/** `src/server.ts:42:7 in stop`. */
export function describeSource({ file, line, column, in: within }: SourceLocation): string {
  const place = `${file}:${String(line)}:${String(column)}`;
  return within === null ? place : `${place} in ${within}`;
}

/** The places that evidence names, each line once. */
export function listSources(evidence: readonly Evidence[]): SourceLocation[] {
  const sources = evidence.flatMap(({ source }) => source ?? []);
  const seen = new Map<string, SourceLocation>();
  for (const source of sources) {
    const key = `${source.file}:${String(source.line)}`;
    if (!seen.has(key)) seen.set(key, source);
  }
  return [...seen.values()];
}
