import type { Application } from "../../model/application.js";
import type { Workload } from "../../model/workload.js";
import { usual, type Value } from "../../source/value.js";
import type { Fault, Rule } from "../rule.js";
import { listStarted } from "./started.js";

/** `signal/not-listened` */
export const notListened: Rule = {
  id: "signal/not-listened",
  severity: "error",
  title: "the platform sends another signal than the program listens for",
  cause:
    "A signal without a listener ends Node at once, or does nothing where it is process 1. The listener that is there is never called.",
  next: "Send the signal that the program listens for, or listen for the one that is sent.",
  *check(deployment) {
    for (const { workload } of listStarted(deployment)) {
      const fault = judge(workload);
      if (fault !== undefined) yield fault;
    }
  },
};

const NUMBERS: Readonly<Record<string, string>> = {
  1: "SIGHUP",
  2: "SIGINT",
  3: "SIGQUIT",
  9: "SIGKILL",
  10: "SIGUSR1",
  12: "SIGUSR2",
  15: "SIGTERM",
};

/** `15`, `TERM` and `sigterm` are SIGTERM. */
function normalize(signal: string): string {
  const name = NUMBERS[signal] ?? signal.toUpperCase();
  return name.startsWith("SIG") ? name : `SIG${name}`;
}

function judge(workload: Workload): Fault | undefined {
  const { application } = workload;
  const sent = findSent(workload);
  const heard = application === null ? undefined : listHeard(application);
  if (sent === undefined || heard === undefined || heard.size === 0) return undefined;
  const name = normalize(sent.value);
  if (heard.has(name)) return undefined;
  const [[first, spot] = []] = heard;
  const what = `${workload.name}: ${sent.name} ${name}${sent.isExplicit ? "" : " (default)"}, and the program listens for ${[...heard.keys()].join(", ")}`;
  const related = spot === undefined ? [] : [{ spot, what: `it listens for ${first ?? ""}` }];
  const isKill = name === "SIGKILL";
  return {
    spot: sent.spot,
    what,
    related,
    ...(isKill ? { cause: "No program can listen for SIGKILL: each stop cuts everything." } : {}),
  };
}

/** What the platform or the image says; SIGTERM for the official images of Node, which say nothing. */
function findSent({ signal, image, imageName }: Workload): Value<string> | undefined {
  const written = signal ?? image?.stopSignal ?? undefined;
  if (written !== undefined) return written;
  const base = image?.base ?? undefined;
  if (base !== undefined && /(?:^|\/)node$/.test(base.name))
    return usual("STOPSIGNAL", "SIGTERM", base.spot);
  return imageName !== null && /(?:^|\/)node:/.test(imageName.value)
    ? usual("STOPSIGNAL", "SIGTERM", imageName.spot)
    : undefined;
}

/** Signals and where they are listened for; undefined where not all is known. */
function listHeard({
  listeners,
  lastcall,
  isComplete,
  entry,
}: Application): ReadonlyMap<string, Value<string>["spot"]> | undefined {
  if (listeners === null || (lastcall === null && (entry === null || !isComplete)))
    return undefined;
  const heard = new Map([...listeners].filter(([name]) => name.startsWith("SIG")));
  if (lastcall === null) return heard;
  if (lastcall.signals === null) return undefined;
  for (const name of lastcall.signals.value) heard.set(name, lastcall.signals.spot);
  return heard;
}
