export { prove } from "./prove.js";
export { CannotRunError } from "./errors.js";
export { DEFAULT_CLIENTS, type ProveOptions, type ProveProgress } from "./options.js";
export type * from "./result.js";
export type { RequestRow } from "./row.js";
export { renderVerdict } from "./render/verdict.js";
export { renderTimeline } from "./render/timeline.js";
export { parseDuration } from "./duration.js";
export { parsePath, parseRequest } from "./request.js";
