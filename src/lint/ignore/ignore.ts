// ignore/: findings that someone has looked at and lives with: on the line, on the object, in a file. Each needs a reason.
import type { Project } from "../files/project.js";
import type { Workload } from "../model/workload.js";
import type { Fault, Rule } from "../rules/rule.js";
import { readAnnotations } from "./annotations.js";
import { readComments } from "./comments.js";
import { readConfiguration } from "./configuration.js";
import type { Ignore } from "./wish.js";

/** What one rule found at one place. */
export interface Found {
  readonly rule: Rule;
  readonly fault: Fault;
}

/** What is left, and what was written in vain. */
export interface Sifted {
  readonly left: readonly Found[];
  readonly ignored: readonly { readonly found: Found; readonly reason: string }[];
  readonly unused: readonly Ignore[];
}

/** Takes out what is ignored. */
export function sift(
  project: Project,
  workloads: readonly Workload[],
  all: readonly Found[],
): Sifted {
  const ignores = [
    ...readComments(
      project,
      workloads,
      all.map(({ fault }) => fault.spot.file),
    ),
    ...readAnnotations(project),
    ...readConfiguration(project, workloads),
  ];
  const used = new Set<Ignore>();
  const ignored: { found: Found; reason: string }[] = [];
  const left = all.filter((found) => {
    const meant = ignores.filter(
      ({ rule, covers }) => rule === found.rule.id && covers(found.fault),
    );
    const [valid] = meant.filter(({ reason }) => reason !== "");
    for (const one of meant) if (one.reason !== "") used.add(one);
    if (valid !== undefined) ignored.push({ found, reason: valid.reason });
    return valid === undefined;
  });
  return { left, ignored, unused: ignores.filter((one) => !used.has(one)) };
}
