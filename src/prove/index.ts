/**
 * `lastcall prove` for programs: what `import "lastcall/prove"` gives.
 *
 * @module
 */
export { prove } from "./prove.js";
export { CannotRunError, type CannotRunCode } from "./facts/errors.js";
export type { ProveOptions, ProveProgress } from "./options/options.js";
export type * from "./facts/result.js";
export type * from "./facts/finding.js";
export type * from "./facts/inspection.js";
export type * from "./facts/rollout.js";
export type { OutputLine } from "./facts/stop.js";
export type { RequestRow } from "./facts/row.js";
export type { RequestTemplate } from "./request/request.js";
export { renderVerdict, type RenderOptions } from "./render/text/verdict.js";
