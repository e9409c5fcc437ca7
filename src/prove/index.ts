export { prove } from "./prove.js";
export { CannotRunError, type CannotRunCode } from "./errors.js";
export { DEFAULT_CLIENTS, type ProveOptions, type ProveProgress } from "./options.js";
export type * from "./result.js";
export type { RequestRow } from "./row.js";
export { renderVerdict, type RenderOptions } from "./render/verdict.js";
export { renderTimeline, type TimelineRow } from "./render/timeline.js";
export { formatDuration, parseDuration } from "./duration.js";
export { parseRequest } from "./request.js";
