// lint/: does a deployment leave a stop the time and the signals that it needs? This file is the sequence: read, tie,
// check, sift.
import type { Project } from "./files/project.js";
import { sift, type Found } from "./ignore/ignore.js";
import type { Ignore } from "./ignore/wish.js";
import type { Deployment } from "./model/deployment.js";
import { RULES } from "./rules/catalogue.js";
import { unusedIgnore } from "./rules/lint/unused-ignore.js";
import { compareFindings, toFinding, type LintFinding } from "./rules/finding.js";
import { tieDeployment } from "./tie/tie.js";

/** What was examined, and what is wrong with it. */
export interface Examined {
  readonly deployment: Deployment;
  readonly findings: readonly LintFinding[];
  /** Findings that an ignore took out, with its reason. */
  readonly ignored: readonly { readonly finding: LintFinding; readonly reason: string }[];
}

/** Examines a project. `app` is the folder of its program, where that is to be said. Never runs what it reads. */
export function examine(project: Project, app: string | null = null): Examined {
  const deployment = tieDeployment(project, app);
  const all = RULES.flatMap((rule) =>
    [...rule.check(deployment)].map((fault) => ({ rule, fault })),
  );
  const { left, ignored, unused } = sift(project, deployment.workloads, dropTwins(all));
  const found = [...left, ...unused.map(toFound)];
  return {
    deployment,
    findings: found.map(({ rule, fault }) => toFinding(rule, fault)).sort(compareFindings),
    ignored: ignored.map(({ found: one, reason }) => ({
      finding: toFinding(one.rule, one.fault),
      reason,
    })),
  };
}

/** An image that several workloads use is one thing to mend. */
function dropTwins(all: readonly Found[]): Found[] {
  const seen = new Set<string>();
  return all.filter(({ rule, fault }) => {
    const key = `${rule.id} ${fault.spot.file}:${fault.spot.start}`;
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
}

function toFound({ rule, reason, spot }: Ignore): Found {
  const isKnown = RULES.some(({ id }) => id === rule);
  const why =
    reason === ""
      ? "has no reason, and is not followed"
      : isKnown
        ? "has nothing to ignore"
        : "names no rule";
  return { rule: unusedIgnore, fault: { spot, what: `the ignore of ${rule || "no rule"} ${why}` } };
}
