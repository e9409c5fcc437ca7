import { annotateError, annotateFindings } from "../../findings/github.js";
import type { NameFile } from "../../findings/source.js";
import type { Criterion, ProveResult } from "../facts/result.js";
import { listFaults } from "../judge/fault.js";
import { nameCriterion } from "./words.js";

const TOOL = "lastcall prove";

/** One annotation per finding. Without a finding that fails the run, one per criterion that did not hold. */
export function renderAnnotations(result: ProveResult, nameFile: NameFile): string {
  const { verdict, findings, criteria } = result;
  if (verdict === "could-not-run") {
    return renderAnnotation(`no verdict: ${listFaults(result)[0] ?? "the prover failed"}`);
  }
  const failed = findings.some(({ severity }) => severity === "error")
    ? []
    : criteria.filter(({ passed }) => passed === false);
  return failed.map(annotateCriterion).join("") + annotateFindings(findings, TOOL, nameFile);
}

/** The same for a run that gave no result. */
export function renderAnnotation(message: string): string {
  return annotateError(message, TOOL);
}

function annotateCriterion(criterion: Criterion): string {
  return renderAnnotation(`${nameCriterion(criterion)}: ${criterion.measured}`);
}
