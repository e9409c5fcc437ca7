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

/** `findings/inflight-cut.md` for `inflight/cut`; those of another catalogue are in a folder of its own. */
export function pageOf(id: string, folder: string = "findings"): string {
  return `${folder}/${id.replace("/", "-")}.md`;
}
