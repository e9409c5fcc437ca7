import type { RequestRow } from "../../facts/row.js";

/**
 * Requests, one array per field: a tenth of the size of as many objects. Texts are numbers into
 * `texts`, where each stands once.
 */
export interface RequestColumns {
  readonly texts: readonly string[];
  readonly id: readonly number[];
  readonly client: readonly number[];
  readonly route: readonly number[];
  readonly outcome: readonly number[];
  readonly kind: readonly number[];
  readonly connection: readonly number[];
  readonly dueMs: readonly (number | null)[];
  readonly startMs: readonly (number | null)[];
  readonly firstByteMs: readonly (number | null)[];
  readonly endMs: readonly number[];
  readonly status: readonly (number | null)[];
}

/** Writes rows into columns. */
export function toColumns(rows: Iterable<RequestRow>): RequestColumns {
  const texts = new Map<string, number>();
  const numberOf = (text: string): number => {
    const known = texts.get(text);
    if (known !== undefined) return known;
    texts.set(text, texts.size);
    return texts.size - 1;
  };
  const all = [...rows];
  const ofText = (read: (row: RequestRow) => string): number[] =>
    all.map((row) => numberOf(read(row)));
  const columns = {
    client: ofText(({ client }) => client),
    outcome: ofText(({ outcome }) => outcome),
    kind: ofText(({ kind }) => kind),
    route: ofText(({ method, path }) => `${method} ${path}`),
    id: ofText(({ id }) => id),
    connection: all.map(({ connection }) => connection),
    dueMs: all.map(({ dueMs }) => dueMs ?? null),
    startMs: all.map(({ startMs }) => startMs),
    firstByteMs: all.map(({ firstByteMs }) => firstByteMs),
    endMs: all.map(({ endMs }) => endMs),
    status: all.map(({ status }) => status),
  };
  return { texts: [...texts.keys()], ...columns };
}

/** A request as the page draws it. */
export interface DrawnRequest {
  readonly id: string;
  readonly client: string;
  /** `GET /orders/7`. */
  readonly route: string;
  readonly outcome: string;
  readonly kind: string;
  readonly connection: number;
  /** When the open loop had to send it; null for other clients. */
  readonly dueMs: number | null;
  /** From the signal; null when nothing of it was sent. */
  readonly startMs: number | null;
  /** When its answer's first byte came; null when none did. */
  readonly firstByteMs: number | null;
  readonly endMs: number;
  readonly status: number | null;
}

/** Reads what {@link toColumns} wrote. */
export function fromColumns(columns: RequestColumns): DrawnRequest[] {
  const { texts } = columns;
  const text = (number: number | undefined): string => texts[number ?? -1] ?? "";
  return columns.id.map((id, at) => ({
    id: text(id),
    client: text(columns.client[at]),
    route: text(columns.route[at]),
    outcome: text(columns.outcome[at]),
    kind: text(columns.kind[at]),
    connection: columns.connection[at] ?? 0,
    dueMs: columns.dueMs[at] ?? null,
    startMs: columns.startMs[at] ?? null,
    firstByteMs: columns.firstByteMs[at] ?? null,
    endMs: columns.endMs[at] ?? 0,
    status: columns.status[at] ?? null,
  }));
}
