import type { Described } from "../../findings/catalogue.js";
import { writeJunit, type Case } from "../../findings/junit.js";
import { describeSource } from "../../findings/source.js";
import type { LintFinding } from "../rules/finding.js";

/** When the run was, which no finding says. */
export interface RunTimes {
  readonly startedAt: Date;
  readonly durationMs: number;
}

/** JUnit XML: a case for each finding, and one for each rule that found nothing. */
export function renderJunit(
  findings: readonly LintFinding[],
  rules: readonly Described[],
  subject: string,
  times: RunTimes,
): string {
  const cases = rules.flatMap((rule) => {
    const own = findings.filter(({ id }) => id === rule.id);
    return own.length === 0 ? [toClean(rule)] : own.map(toCase);
  });
  const properties = { findings: findings.length };
  return writeJunit({ tool: "lastcall lint", name: subject, properties, cases, ...times });
}

function toClean({ id, title }: Described): Case {
  return { group: "rules", name: id, state: "passed", message: title, type: id, text: "" };
}

/** A warning does not fail the run, so it does not fail here: its text stands in the output. */
function toCase({ id, severity, what, cause, next, evidence }: LintFinding): Case {
  const places = evidence.flatMap(({ source, what: says }) =>
    source === null ? [] : `${describeSource(source)} ${says}`,
  );
  const text = [
    `${severity}: ${what}`,
    ...places,
    `why: ${cause}`,
    `next: ${next}`,
    `more: lastcall explain ${id}`,
  ].join("\n");
  const source = evidence[0]?.source ?? null;
  const name = source === null ? id : `${id} ${describeSource(source)}`;
  return {
    group: "rules",
    name,
    state: severity === "error" ? "failed" : "passed",
    message: what,
    type: id,
    text,
  };
}
