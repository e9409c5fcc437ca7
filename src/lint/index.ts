/**
 * `lastcall lint` for programs: examines a deployment's files.
 *
 * @module
 */
export { createDiskProject, createProject, type Load } from "./files/create-project.js";
export { STDIN } from "./files/kinds.js";
export { decode } from "./files/load.js";
export type { Project } from "./files/project.js";
export { walk, type Skipped, type Walked } from "./files/walk.js";
export { renderDiff } from "./fix/diff.js";
export { fix, type Fixed } from "./fix/fix.js";
export { examine, type Examined } from "./lint.js";
export { renderJson } from "./render/json.js";
export { renderJunit } from "./render/junit.js";
export { renderFindings, renderSummary } from "./render/text.js";
export { RULES as CATALOGUE } from "./rules/catalogue.js";
export type { LintFinding } from "./rules/finding.js";
export { drawTimelines } from "./timeline/draw.js";
export { planTimelines } from "./timeline/plan.js";
