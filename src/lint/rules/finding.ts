import { pageOf } from "../../findings/catalogue.js";
import type { Evidence, Finding } from "../../findings/finding.js";
import type { Spot } from "../source/source.js";
import type { Edit, Fault, Rule } from "./rule.js";

/** One thing that is wrong: the first of its evidence is the value to change, the others are its partners. */
export interface LintFinding extends Finding {
  /** The smallest edit, where it is one value and safe; null otherwise. */
  readonly edit: Edit | null;
  /** The command that shows it; null where none does. */
  readonly prove: string | null;
}

/** What a rule found, with the rule's own words where the place has none. */
export function toFinding(rule: Rule, fault: Fault): LintFinding {
  const { id } = rule;
  const related = (fault.related ?? []).map(({ spot, what }) => toEvidence(spot, what));
  return {
    id,
    severity: fault.severity ?? rule.severity,
    what: fault.what,
    cause: fault.cause ?? rule.cause,
    next: fault.next ?? rule.next,
    page: pageOf(id, "lint"),
    count: 1,
    evidence: [toEvidence(fault.spot, "what to change"), ...related],
    edit: fault.edit ?? null,
    prove: fault.prove ?? null,
  };
}

function toEvidence({ file, line, column }: Spot, what: string): Evidence {
  return { what, source: { file, line, column, in: null } };
}

const RANK = { error: 0, warning: 1, info: 2 } as const;

/** The gravest first, then by place. */
export function compareFindings(one: LintFinding, other: LintFinding): number {
  const byRank = RANK[one.severity] - RANK[other.severity];
  if (byRank !== 0) return byRank;
  const [a, b] = [one, other].map(({ evidence }) => evidence[0]?.source);
  if (a?.file !== b?.file) return (a?.file ?? "") < (b?.file ?? "") ? -1 : 1;
  return (a?.line ?? 0) - (b?.line ?? 0) || (a?.column ?? 0) - (b?.column ?? 0);
}
