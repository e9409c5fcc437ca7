import { describeExpectation } from "../request/expectation.js";
import type { RequestTemplate } from "../request/request.js";

/** How the answers to one request went against its expectation. Instants are `now()` milliseconds. */
interface Seen {
  metAt: number | null;
  missedAt: number | null;
  /** The first miss's status. */
  status: number | null;
}

/**
 * How requests that expect something were answered before the signal. An answer that was wrong
 * before it as well says nothing about the stop, and one without a right one before it has nothing
 * to be compared with.
 */
export class Baseline {
  readonly #seen = new Map<RequestTemplate, Seen>();
  #waiting = new Set<() => void>();

  /** Takes an answer, at the instant it arrived. */
  note(
    template: RequestTemplate,
    isMet: boolean,
    { status, at }: { status: number | null; at: number },
  ): void {
    if (template.expect === undefined) return;
    const seen = this.#seen.get(template) ?? { metAt: null, missedAt: null, status: null };
    this.#seen.set(template, seen);
    if (isMet) seen.metAt ??= at;
    else if (seen.missedAt === null) Object.assign(seen, { missedAt: at, status });
    for (const wake of this.#waiting) wake();
    this.#waiting = new Set();
  }

  /** Resolves once each of these that expects something has been answered. */
  async seen(templates: readonly RequestTemplate[]): Promise<void> {
    const isMissing = (template: RequestTemplate): boolean =>
      template.expect !== undefined && !this.#seen.has(template);
    while (templates.some(isMissing)) {
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** Says which requests were not answered as expected before that instant, or never before it. */
  faults(before: number): string[] {
    const faults: string[] = [];
    for (const [template, { metAt, missedAt, status }] of this.#seen) {
      if (missedAt === null) continue;
      const isMetBefore = metAt !== null && metAt < before;
      const when =
        missedAt < before ? "before the signal" : isMetBefore ? "" : "and never before the signal";
      if (when !== "") faults.push(describe(template, status, when));
    }
    return faults;
  }
}

function describe(template: RequestTemplate, status: number | null, when: string): string {
  const { method, path, expect = {} } = template;
  return `${method} ${path} answered ${String(status)} ${when}, expected ${describeExpectation(expect)}`;
}
