import type { Described } from "../../findings/catalogue.js";
import type { Finding } from "../../findings/finding.js";
import { writeSarif } from "../../findings/sarif.js";
import type { NameFile } from "../../findings/source.js";
import type { Criterion, ProveResult } from "../facts/result.js";
import { CATALOGUE } from "../findings/catalogue.js";
import { hasError } from "../findings/find.js";
import { listFaults } from "../judge/fault.js";
import { nameCriterion } from "./words.js";

const TOOL = "lastcall prove";

/** What a failed run without an error among its findings is put down to. */
const CRITERION: Described = {
  id: "criterion",
  severity: "error",
  title: "a criterion of the stop did not hold",
  cause: "No finding explains what was measured.",
  next: "Read the run's own output: it has the requests that were lost, and when.",
};

const RULES: readonly Described[] = [...CATALOGUE, CRITERION];

/** The findings as SARIF; where none of them fails the run, the criteria that did not hold too. */
export function renderSarif(result: ProveResult, version: string, nameFile: NameFile): string {
  const { verdict, findings, criteria } = result;
  const isUnexplained = verdict === "fail" && !hasError(findings);
  const failed = isUnexplained ? criteria.filter(({ passed }) => passed === false) : [];
  const all = [...failed.map(toFinding), ...findings];
  const run = { tool: TOOL, version, catalogue: RULES, findings: all, faults: listFaults(result) };
  return writeSarif(run, nameFile);
}

/** The same for a run that gave no result. */
export function renderSarifError(message: string, version: string): string {
  const run = { tool: TOOL, version, catalogue: RULES, findings: [], faults: [message] };
  return writeSarif(run, (file) => file);
}

function toFinding(criterion: Criterion): Finding {
  const { id, severity, cause, next } = CRITERION;
  const what = `${nameCriterion(criterion)}: ${criterion.measured}`;
  return { id, severity, what, cause, next, page: "prove.md", count: 1, evidence: [] };
}
