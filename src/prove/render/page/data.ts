import type { Mark, Phase } from "../text/marks.js";
import type { RequestColumns } from "./columns.js";

/** What the page's script is given, as JSON in the page. */
export interface PageData {
  readonly views: readonly PageView[];
}

interface PageGap {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What is drawn at a time: one stop, or one rollout, and the requests whose instants count from it. */
export interface PageView {
  /** `trial 2`, or `trial 2, stop 3` where one load saw several. */
  readonly name: string;
  readonly trial: number;
  readonly marks: readonly Mark[];
  readonly phases: readonly Phase[];
  /** The times in which requests failed while a command ran. */
  readonly gaps: readonly PageGap[];
  /** What the instants count from: `the signal`. */
  readonly origin: string;
  readonly requests: RequestColumns;
  /** Answered requests of the trial that are not in the page. */
  readonly leftOut: number;
}
