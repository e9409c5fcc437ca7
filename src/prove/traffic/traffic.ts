import type { RequestTemplate } from "../request/request.js";

/** A request that a file describes. */
export interface TrafficRequest {
  readonly template: RequestTemplate;
  /** Its path as the file calls it, without query, for an option that names it: `/orders/7`, `/orders/{id}`. */
  readonly paths: readonly string[];
}

/** What a file asks for, in its order. */
export interface Traffic {
  readonly file: string;
  readonly requests: readonly TrafficRequest[];
  /** What was left out and why, one sentence each. */
  readonly notes: readonly string[];
}

/** A file that cannot be used. The message is one sentence, with file and line. */
export class TrafficError extends Error {
  override readonly name = "TrafficError";

  constructor(file: string, line: number | null, what: string) {
    super(line === null ? `${file}: ${what}` : `${file}:${String(line)}: ${what}`);
  }
}
