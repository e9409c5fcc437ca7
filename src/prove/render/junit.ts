import { listFindingCases, writeJunit, type Case } from "../../findings/junit.js";
import type { CannotRunError } from "../facts/errors.js";
import type { Criterion, ProveResult } from "../facts/result.js";
import { CATALOGUE } from "../findings/catalogue.js";
import { listFaults } from "../judge/fault.js";
import { describeEvidence, nameCriterion } from "./words.js";

const TOOL = "lastcall prove";

/** When the run was, which no result says. */
export interface RunTimes {
  readonly startedAt: Date;
  readonly durationMs: number;
}

/**
 * Writes the result as JUnit XML: one suite, a case per criterion and one per finding that was
 * looked for. Failures of the prover itself are errors, and what has no verdict then is skipped.
 */
export function renderJunit(result: ProveResult, times: RunTimes): string {
  const { subject, seed, graceMs, rttMs, lagMs, verdict, requests, trials } = result;
  const properties = { verdict, seed, graceMs, rttMs, lagMs, trials: trials.length, ...requests };
  return writeJunit({ tool: TOOL, name: subject, properties, cases: listCases(result), ...times });
}

/** The same for a run that gave no result: one case, an error. */
export function renderJunitError(
  subject: string,
  { code, message }: Pick<CannotRunError, "code" | "message">,
  times: RunTimes,
): string {
  const name = "could not run";
  const failed: Case = { group: "run", name, state: "error", message, type: code, text: message };
  const properties = { verdict: "could-not-run" };
  return writeJunit({ tool: TOOL, name: subject, properties, cases: [failed], ...times });
}

function listCases(result: ProveResult): Case[] {
  const faults = listFaults(result);
  const { findings, checked } = result;
  const looked = { findings, checked, catalogue: CATALOGUE, describe: describeEvidence };
  const cases = [...result.criteria.map(toCase), ...listFindingCases(looked)];
  if (faults.length === 0) return cases;
  const message = faults[0] ?? "";
  const type = "prover";
  const text = faults.join("\n");
  const name = "the prover itself";
  const failed: Case = { group: "run", name, state: "error", message, type, text };
  const why = "no verdict: the prover failed";
  return [failed, ...cases.map((one): Case => ({ ...one, state: "skipped", message: why }))];
}

function toCase(criterion: Criterion): Case {
  const { measured, passed } = criterion;
  const state = passed === false ? "failed" : "passed";
  const name = nameCriterion(criterion);
  return { group: "criteria", name, state, message: measured, type: "criterion", text: measured };
}
