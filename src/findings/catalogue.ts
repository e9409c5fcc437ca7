import type { Severity } from "./finding.js";

/** What a finding is, apart from where it was seen. */
export interface Described {
  /** `group/name`. */
  readonly id: string;
  readonly severity: Severity;
  /** One line for the table of all findings. */
  readonly title: string;
  /** Why that happens, in plain words. */
  readonly cause: string;
  /** What to do about it. */
  readonly next: string;
}

/** `findings/inflight-cut.md` for `inflight/cut`. */
export function pageOf(id: string): string {
  return `findings/${id.replace("/", "-")}.md`;
}
