import { pageOf } from "../../findings/catalogue.js";
import type { Evidence, Finding, Severity } from "../facts/finding.js";
import type { InspectionResult } from "../facts/inspection.js";
import { CATALOGUE, EFFECT_RULES, INSPECT_RULES, ROLLOUT_RULES, RULES } from "./catalogue.js";
import type { EffectFacts, RolloutFacts, StopFacts } from "./facts.js";
import type { Rule, Sighting } from "./rule.js";

interface Seen {
  readonly rule: Rule;
  readonly sighting: Sighting;
}

/** What is wrong with these stops, errors first. What another finding explains is left out. */
export function findFindings(stops: readonly StopFacts[]): Finding[] {
  const byRule = new Map<Rule, Sighting[]>();
  for (const { rule, sighting } of stops.flatMap(lookAt)) {
    byRule.set(rule, [...(byRule.get(rule) ?? []), sighting]);
  }
  const found = [...byRule].map(([rule, sightings]) => toFinding(rule, sightings, stops.length));
  return sortFindings(found);
}

/** What is wrong with a rollout. */
export function findRolloutFindings(facts: RolloutFacts): Finding[] {
  return findEach(ROLLOUT_RULES, facts);
}

/** What is wrong with what its requests left behind. */
export function findEffectFindings(facts: EffectFacts): Finding[] {
  return findEach(EFFECT_RULES, facts);
}

function findEach<Facts>(rules: readonly Rule<Facts>[], facts: Facts): Finding[] {
  return rules.flatMap((rule) => {
    const sighting = rule.find(facts);
    return sighting === undefined ? [] : [toFinding(rule, [sighting], 1)];
  });
}

/** One finding for each id, over all trials. */
export function mergeFindings(trials: readonly (readonly Finding[])[]): Finding[] {
  const byId = new Map<string, Finding[]>();
  for (const finding of trials.flat()) {
    byId.set(finding.id, [...(byId.get(finding.id) ?? []), finding]);
  }
  return sortFindings([...byId.values()].map((same) => mergeOne(same, trials.length)));
}

/** Adds what was seen inside the service, unless one of the findings explains it. */
export function addInspected(
  findings: readonly Finding[],
  inspection: InspectionResult | null,
): Finding[] {
  if (inspection === null) return [...findings];
  const ids = new Set(findings.map(({ id }) => id));
  const found = INSPECT_RULES.flatMap((rule) => {
    const isExplained = rule.explainedBy.some((id) => ids.has(id));
    const sighting = isExplained ? undefined : rule.find(inspection);
    return sighting === undefined ? [] : [toFinding(rule, [sighting], 1)];
  });
  return sortFindings([...findings, ...found]);
}

/** Whether the service stops wrongly. */
export function hasError(findings: readonly Finding[]): boolean {
  return findings.some(({ severity }) => severity === "error");
}

function lookAt(facts: StopFacts): Seen[] {
  const all = RULES.flatMap((rule) => {
    const sighting = rule.find(facts);
    return sighting === undefined ? [] : [{ rule, sighting }];
  });
  const ids = new Set(all.map(({ rule }) => rule.id));
  return all.filter(({ rule }) => !rule.explainedBy.some((id) => ids.has(id)));
}

function toFinding(
  rule: Omit<Rule, "find">,
  sightings: readonly Sighting[],
  stops: number,
): Finding {
  const { id, cause, next } = rule;
  return {
    id,
    severity: worst(sightings.map(({ severity }) => severity ?? rule.severity)),
    what: sayWorst(sightings, `${String(stops)} stops`),
    cause,
    next,
    page: pageOf(id),
    count: sum(sightings),
    evidence: takeEvidence(sightings),
  };
}

function mergeOne(same: readonly Finding[], trials: number): Finding {
  const [first] = same;
  if (first === undefined) throw new RangeError("nothing to merge");
  return {
    ...first,
    severity: worst(same.map(({ severity }) => severity)),
    what: trials === 1 ? first.what : sayWorst(same, `${String(trials)} trials`),
    count: sum(same),
    evidence: takeEvidence(same),
  };
}

/** The sentence of where it was worst, and how often it was seen. */
function sayWorst(seen: readonly { what: string; count: number }[], of: string): string {
  const [worstOne] = [...seen].sort((a, b) => b.count - a.count);
  const what = worstOne?.what ?? "";
  if (of.startsWith("1 ")) return what;
  return `${what} (seen in ${String(seen.length)} of ${of})`;
}

const MAX_EVIDENCE = 50;

function takeEvidence(seen: readonly { evidence: readonly Evidence[] }[]): Evidence[] {
  return seen.flatMap(({ evidence }) => evidence).slice(0, MAX_EVIDENCE);
}

function sum(seen: readonly { count: number }[]): number {
  return seen.reduce((total, { count }) => total + count, 0);
}

function worst(severities: readonly Severity[]): Severity {
  return severities.includes("error") ? "error" : "warning";
}

/** Errors first; in the catalogue's order, which goes from causes to consequences. */
function sortFindings(findings: readonly Finding[]): Finding[] {
  const order = new Map(CATALOGUE.map(({ id }, index) => [id, index]));
  const rank = ({ id, severity }: Finding): number =>
    (severity === "error" ? 0 : CATALOGUE.length) + (order.get(id) ?? 0);
  return [...findings].sort((a, b) => rank(a) - rank(b));
}
