import type { LastcallCall, Probes } from "../model/application.js";
import { planWindows, type Asked } from "../model/windows.js";
import type { Spot } from "../source/source.js";
import { at, entriesOf, flagOf, itemsOf, numberOf, textOf, type Tree } from "../source/tree.js";
import { given, usual, type Value } from "../source/value.js";

/** Variables of the process as far as they are known. */
export type Environment = ReadonlyMap<string, Value<string | null>>;

const GRACE_PERIOD = 30_000;

/** A call of `lastcall()`: `options` undefined without any. What the program says goes before the environment. */
export function readCall(
  spot: Spot,
  options: Tree | undefined,
  environment: Environment,
): LastcallCall {
  const isKnown = isLiteral(options) && !environment.has("LASTCALL_CONFIG");
  const gracePeriod = isKnown
    ? readTime(options, "gracePeriod", GRACE_PERIOD, spot, environment)
    : null;
  const asked = gracePeriod === null ? null : ask(gracePeriod.value, options, environment);
  const windows = asked === null ? null : planWindows(asked);
  const refusedAt =
    at(options, "closingWindow") ?? at(options, "lameDuck") ?? at(options, "gracePeriod");
  const isWithoutEnvironment = [...environment.keys()].every(
    (name) => !name.startsWith("LASTCALL_"),
  );
  const what = isWithoutEnvironment ? (windows?.refused ?? null) : null;
  return {
    spot,
    gracePeriod,
    lameDuck: windows === null ? null : readLameDuck(windows.lameDuck, options, spot, environment),
    windows,
    signals: isKnown ? readSignals(options, spot) : null,
    probes: isKnown ? readProbes(options, spot, environment) : null,
    refused: what === null ? null : { what, spot: refusedAt?.spot ?? spot },
  };
}

/** Whether all of it can be read: what stands in a variable may be anything. */
function isLiteral(options: Tree | undefined): boolean {
  if (options === undefined) return true;
  if (options.kind !== "mapping") return false;
  return (
    TIMES.every((name) => at(options, name)?.kind !== "unknown") &&
    options.entries.every(({ key }) => key !== "")
  );
}

const TIMES = ["gracePeriod", "lameDuck", "abortWindow", "closingWindow", "margin"];

const SUFFIX = /^(\d+(?:\.\d+)?)(ms|s|m)$/;
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 };

function readTime(
  options: Tree | undefined,
  name: string,
  fallback: number,
  spot: Spot,
  environment: Environment,
): Value<number> | null {
  const tree = at(options, name);
  if (tree !== undefined) {
    const value = numberOf(tree);
    return value === undefined ? null : given(name, value, tree.spot);
  }
  const variable = `LASTCALL_${name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
  const written = environment.get(variable);
  if (written === undefined) return usual(name, fallback, spot);
  const time = parseTime(written.value);
  return time === undefined ? null : given(variable, time, written.spot);
}

function parseTime(text: string | null): number | undefined {
  const [, number, unit = "ms"] = SUFFIX.exec(text ?? "") ?? [];
  return number === undefined ? undefined : Number(number) * (UNITS[unit] ?? 1);
}

/** Null where a window is no literal. */
function ask(
  gracePeriod: number,
  options: Tree | undefined,
  environment: Environment,
): Asked | null {
  const lameDuck = at(options, "lameDuck");
  const variables = ["LASTCALL_LAME_DUCK", "LASTCALL_LAME_DUCK_MAX"].map((name) =>
    environment.get(name),
  );
  const [fromEnvironment] = variables.flatMap((one) => one ?? []);
  const isOff =
    flagOf(lameDuck) === false ||
    (lameDuck === undefined && ["false", "0"].includes(fromEnvironment?.value ?? ""));
  const max =
    numberOf(at(lameDuck, "max")) ??
    (lameDuck === undefined ? parseTime(fromEnvironment?.value ?? null) : undefined);
  if (fromEnvironment !== undefined && lameDuck === undefined && !isOff && max === undefined)
    return null;
  if (at(lameDuck, "max")?.kind === "unknown" || at(lameDuck, "min")?.kind === "unknown")
    return null;
  return {
    gracePeriod,
    lameDuckMin: numberOf(at(lameDuck, "min")),
    lameDuckMax: isOff ? 0 : max,
    abortWindow: numberOf(at(options, "abortWindow")),
    closingWindow: numberOf(at(options, "closingWindow")),
    margin: numberOf(at(options, "margin")),
  };
}

function readLameDuck(
  time: number,
  options: Tree | undefined,
  spot: Spot,
  environment: Environment,
): Value<number> {
  const tree = at(options, "lameDuck");
  const max = at(tree, "max");
  if (max !== undefined) return given("lameDuck.max", time, max.spot);
  if (flagOf(tree) === false && tree !== undefined) return given("lameDuck", 0, tree.spot);
  const variable =
    environment.get("LASTCALL_LAME_DUCK") ?? environment.get("LASTCALL_LAME_DUCK_MAX");
  return variable === undefined
    ? usual("lame duck", time, spot)
    : given(variable.name, time, variable.spot);
}

function readSignals(options: Tree | undefined, spot: Spot): Value<readonly string[]> | null {
  const tree = at(options, "signals");
  if (tree === undefined) return usual("signals", ["SIGTERM", "SIGINT"], spot);
  if (flagOf(tree) === false) return given("signals", [], tree.spot);
  const names = itemsOf(tree).flatMap((item) => textOf(item) ?? []);
  const isKnown = tree.kind === "list" && names.length === tree.items.length;
  return isKnown ? given("signals", names, tree.spot) : null;
}

function readProbes(
  options: Tree | undefined,
  spot: Spot,
  environment: Environment,
): Probes | null {
  const tree = at(options, "probes");
  const variable = environment.get("LASTCALL_PROBES")?.value;
  if (tree?.kind === "unknown" || (tree === undefined && variable === null)) return null;
  const isOn =
    tree === undefined ? variable !== undefined && variable !== "false" : flagOf(tree) !== false;
  if (entriesOf(tree).some(({ value }) => value.kind === "unknown")) return null;
  return {
    isOn,
    live: textOf(at(tree, "live")) ?? "/livez",
    ready: textOf(at(tree, "ready")) ?? (variable?.startsWith("/") === true ? variable : "/readyz"),
    port: numberOf(at(tree, "port")) ?? null,
    readyWhileDraining: flagOf(at(tree, "readyWhileDraining")) ?? false,
    spot: at(tree, "readyWhileDraining")?.spot ?? tree?.spot ?? spot,
  };
}
