import type { Mark, Phase } from "../marks.js";
import type { RequestColumns } from "./columns.js";

/** What the page's script is given, as JSON in the page. */
export interface PageData {
  readonly views: readonly PageView[];
}

/** What is drawn at a time: one stop and the requests whose instants count from its signal. */
export interface PageView {
  /** `trial 2`, or `trial 2, stop 3` where one load saw several. */
  readonly name: string;
  readonly trial: number;
  readonly marks: readonly Mark[];
  readonly phases: readonly Phase[];
  readonly requests: RequestColumns;
  /** Answered requests of the trial that are not in the page. */
  readonly leftOut: number;
}
