// systemd/: services that systemd starts, from their units and drop-ins, and how it stops them.
import type { Project } from "../../files/project.js";
import type { Command } from "../../model/command.js";
import { createWorkload, type Workload } from "../../model/workload.js";
import { given, usual, type Value } from "../../source/value.js";
import { findProgram, packageAbove } from "../program.js";
import type { PlatformReader } from "../reader.js";
import { readExec } from "./exec.js";
import { UNIT_FILE } from "./file.js";
import { parseSystemdTime } from "./times.js";
import { type Unit, listUnits } from "./units.js";

const TIMEOUT_STOP = 90_000;

/** systemd. */
export const SYSTEMD: PlatformReader = {
  kinds: [UNIT_FILE],
  listWorkloads: (project: Project) => project.once(listServices).map(({ workload }) => workload),
};

/** A service of systemd. */
export interface SystemdService {
  readonly unit: Unit;
  readonly workload: Workload;
}

/** Every service that stays: what runs once and ends is not stopped. */
export function listServices(project: Project): readonly SystemdService[] {
  return project
    .once(listUnits)
    .filter((unit) => unit.last("Type")?.value !== "oneshot")
    .map((unit) => ({ unit, workload: toWorkload(project, unit) }));
}

function toWorkload(project: Project, unit: Unit): Workload {
  const command = readCommand(unit);
  const environment = readEnvironment(unit);
  const folder = packageAbove(project, unit.spot.file);
  const mode = unit.last("KillMode")?.value ?? "control-group";
  return createWorkload({
    platform: "systemd",
    kind: "unit",
    name: unit.name,
    spot: unit.spot,
    whole: unit.whole,
    grant: readGrant(unit),
    // What ExecStop runs comes before the signal, and has a time of its own.
    beforeSignal: unit.all("ExecStop").length === 0 ? usual("ExecStop", 0, unit.spot) : null,
    signal: mode === "none" ? null : readSignal(unit),
    signalled: mode === "control-group" ? "all" : "first",
    command,
    environment,
    application: findProgram(project, folder, command, environment),
  });
}

function readGrant(unit: Unit): Value<number> | null {
  const written = unit.lastOf("TimeoutStopSec", "TimeoutSec");
  if (written === undefined) return usual("TimeoutStopSec", TIMEOUT_STOP, unit.spot);
  const time = parseSystemdTime(written.value);
  // 0 is no limit, as `infinity` is.
  return time === undefined || time === 0 ? null : given(written.key, time, written.valueSpot);
}

function readSignal(unit: Unit): Value<string> {
  const written = unit.last("KillSignal");
  return written === undefined
    ? usual("KillSignal", "SIGTERM", unit.spot)
    : given("KillSignal", written.value, written.valueSpot);
}

/** Of several, which is the main one is not said here. */
function readCommand(unit: Unit): Command | null {
  const starts = unit.all("ExecStart");
  const [start] = starts;
  if (start === undefined || starts.length > 1) return null;
  const words = readExec(start, unit.sourceOf(start));
  return words === undefined ? null : { words, isShell: false, spot: start.valueSpot };
}

/** `Environment=NODE_ENV=production "A=b c"`. */
function readEnvironment(unit: Unit): ReadonlyMap<string, Value<string | null>> {
  const words = unit
    .all("Environment")
    .flatMap((entry) => readExec(entry, unit.sourceOf(entry)) ?? []);
  return new Map(
    words.map(({ text, spot }) => {
      const [name = "", ...rest] = text.split("=");
      return [name, given(name, rest.join("="), spot)] as const;
    }),
  );
}
