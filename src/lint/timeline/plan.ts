// timeline/: the stop of each workload as a picture: what is sent when, which windows follow each other, what is left
// at SIGKILL.
import type { Deployment } from "../model/deployment.js";
import type { Workload } from "../model/workload.js";
import type { Windows } from "../model/windows.js";
import { sayTime } from "../source/value.js";

/** Something that lasts, in milliseconds from the first stop action. */
export interface Row {
  readonly name: string;
  readonly from: number;
  /** The same as `from` for an instant. */
  readonly to: number;
  readonly kind: "platform" | "program" | "balancer" | "signal" | "kill";
}

/** One workload's stop. */
export interface Timeline {
  /** `Deployment api`, and where it stands. */
  readonly title: string;
  readonly place: string;
  /** What is drawn, in milliseconds. */
  readonly length: number;
  readonly rows: readonly Row[];
  readonly notes: readonly string[];
}

/** The stop of each workload whose platform's time is known. */
export function planTimelines(deployment: Deployment): readonly Timeline[] {
  return deployment.workloads.flatMap((workload) => planTimeline(deployment, workload) ?? []);
}

function planTimeline(deployment: Deployment, workload: Workload): Timeline | undefined {
  const { grant, beforeSignal, outsideGrant, kind, name, spot } = workload;
  if (grant === null) return undefined;
  const outside = outsideGrant?.value ?? 0;
  const begins = outside + (beforeSignal?.value ?? 0);
  const killedAt = outside + grant.value;
  const windows = workload.application?.lastcall?.windows ?? null;
  const rows: Row[] = [
    ...(outside === 0 || outsideGrant === null
      ? []
      : [{ name: outsideGrant.name, from: 0, to: outside, kind: "platform" as const }]),
    ...(beforeSignal === null || beforeSignal.value === 0
      ? []
      : [{ name: beforeSignal.name, from: outside, to: begins, kind: "platform" as const }]),
    {
      name: workload.signal?.value ?? workload.image?.stopSignal?.value ?? "SIGTERM",
      from: begins,
      to: begins,
      kind: "signal",
    },
    ...(windows === null ? [] : listWindows(windows, begins)),
    ...listLags(deployment, workload),
    { name: "SIGKILL", from: killedAt, to: killedAt, kind: "kill" },
  ];
  return {
    title: `${kind} ${name}`,
    place: `${spot.file}:${spot.line}`,
    length: Math.max(1, ...rows.map(({ to }) => to)),
    rows,
    notes: listNotes(workload, windows, begins, killedAt),
  };
}

function listWindows(windows: Windows, begins: number): Row[] {
  const parts: readonly (readonly [name: string, time: number])[] = [
    ["lame duck", windows.lameDuck],
    ["draining", windows.draining],
    ["aborting", windows.aborting],
    ["closing", windows.closing],
    ["margin", windows.margin],
  ];
  let at = begins;
  return parts.flatMap(([name, time]) => {
    const from = at;
    at += Math.max(0, time);
    return time <= 0 ? [] : [{ name, from, to: at, kind: "program" as const }];
  });
}

function listLags(deployment: Deployment, workload: Workload): Row[] {
  return deployment.balancersOf(workload).flatMap(({ name, lag, kind }) => {
    if (lag === null) return [];
    // A Service learns of the delete; what asks for itself learns of it from the program, after the signal.
    const from =
      kind === "service"
        ? 0
        : (workload.outsideGrant?.value ?? 0) + (workload.beforeSignal?.value ?? 0);
    return [{ name: `${name} lets go`, from, to: from + lag.value, kind: "balancer" as const }];
  });
}

function listNotes(
  workload: Workload,
  windows: Windows | null,
  begins: number,
  killedAt: number,
): string[] {
  const unknown =
    workload.beforeSignal === null
      ? ["what passes before the signal is not known: it is drawn as nothing"]
      : [];
  if (windows === null) {
    return [
      ...unknown,
      `the program's own time is not known: ${sayTime(Math.max(0, killedAt - begins))} are left for it`,
    ];
  }
  const left = begins + windows.gracePeriod - killedAt;
  if (left > 0)
    return [
      ...unknown,
      `at SIGKILL ${sayTime(left)} of the program's ${sayTime(windows.gracePeriod)} are left, and cut`,
    ];
  return [
    ...unknown,
    left === 0
      ? "nothing is left at SIGKILL"
      : `the program is done ${sayTime(-left)} before SIGKILL`,
  ];
}
