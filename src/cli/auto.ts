import { sayPorts } from "../auto/ports.js";
import { readConfiguration, type Configuration } from "../auto/configuration.js";
import { AUTO } from "../auto/options.js";
import { planBudget } from "../budget.js";
import { isLastcallError } from "../errors.js";
import { variableOf, type Environment } from "../options/environment.js";
import { isGroup, type Option, type Row } from "../options/row.js";
import { LASTCALL } from "../options/table.js";
import type { Io } from "./io.js";
import { readArguments } from "./arguments.js";
import { suggest } from "./suggest.js";
import { EXIT, UsageError } from "./usage.js";

const HELP = `Usage: lastcall auto --print

Says what \`node --import lastcall/auto\` would do with the environment as it is: each option, its value, and where that
comes from. A wrong value is named, and the exit code is 2.

  --print   print it
`;

/** `lastcall auto --print`. Returns the exit code. Throws UsageError. */
export function runAuto(args: readonly string[], { stdout }: Io): Promise<number> {
  if (args[0] === "--help" || args[0] === "-h") {
    stdout.write(HELP);
    return Promise.resolve(EXIT.clean);
  }
  const { options } = readArguments(args, [{ name: "--print", help: "print what would apply" }]);
  if (!options.has("--print")) {
    throw new UsageError("Expected `--print`, got none: see `lastcall auto --help`");
  }
  stdout.write(renderConfiguration(process.env));
  return Promise.resolve(EXIT.clean);
}

/** @throws {UsageError} for a wrong value. */
export function renderConfiguration(environment: Environment): string {
  const configuration = configure(environment);
  const { givenAuto, given, config = "" } = configuration;
  const rows = [...linesOf(AUTO, givenAuto), ...linesOf(LASTCALL, given)].map((line) => {
    const variable = line.variables.find((name) => environment[name] !== undefined);
    return [line.name, line.isGiven ? (variable ?? config) : "default", line.value];
  });
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const table = rows.map((row) =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "),
  );
  const notes = [...configuration.faults, ...explainUnknown(environment)];
  return `${[...table, "", renderWindows(configuration), ...notes].join("\n")}\n`;
}

function configure(environment: Environment): Configuration {
  try {
    return readConfiguration(environment);
  } catch (thrown) {
    if (isLastcallError(thrown)) throw new UsageError(thrown.message);
    throw thrown;
  }
}

interface Line {
  readonly name: string;
  readonly value: string;
  readonly isGiven: boolean;
  /** Its own, and that of the group that it belongs to. */
  readonly variables: readonly string[];
}

/** A line for each option that a deployment can set, its members after a group. */
function linesOf(rows: object, given: object, prefix = "", outer: readonly string[] = []): Line[] {
  const values = new Map<string, unknown>(Object.entries(given));
  return Object.entries(rows as Readonly<Record<string, Row>>).flatMap(([member, row]) => {
    if (!isGroup(row) && /function$|functions$/.test(row.takes.type)) return [];
    const [name, value] = [`${prefix}${member}`, values.get(member)];
    const variable = variableOf(name, row);
    const variables = variable === undefined ? outer : [variable, ...outer];
    const isGiven = value !== undefined;
    const own = { name, value: isGiven ? show(row, value) : showDefault(row), isGiven, variables };
    if (!isGroup(row)) return [own];
    const members = linesOf(row.members, isObject(value) ? value : {}, `${name}.`, variables);
    // Of a group that is given by its members, those tell.
    return isObject(value) || row.alone.length === 0 ? members : [own, ...members];
  });
}

function showDefault(row: Row): string {
  return row.default.text.replaceAll(/[`"[\]]/g, "");
}

function show(row: Row, value: unknown): string {
  return isGroup(row) ? String(value) : showValue(row, value);
}

function showValue({ takes }: Option<unknown>, value: unknown): string {
  if (takes === AUTO.excludePorts.takes) {
    return sayPorts(value as Parameters<typeof sayPorts>[0]);
  }
  if (Array.isArray(value)) return value.join(",");
  return typeof value === "number" && takes.type.startsWith("ms") ? `${value} ms` : String(value);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function renderWindows({ settings }: Configuration): string {
  const budget = planBudget(settings);
  const { lameDuckMinMs, lameDuckMs, drainingMs, abortingMs, closingMs, marginMs } = budget;
  return `Of ${budget.gracePeriodMs} ms: lame duck ${lameDuckMinMs} to ${lameDuckMs}, draining ${drainingMs}, aborting ${abortingMs}, closing ${closingMs}, margin ${marginMs}`;
}

/** Kubernetes gives a service's own name such variables too: they are no fault. */
function explainUnknown(environment: Environment): string[] {
  const known = [...variablesOf(AUTO), ...variablesOf(LASTCALL)];
  return Object.keys(environment)
    .filter((name) => name.startsWith("LASTCALL_") && !known.includes(name))
    .map((name) => {
      const near = suggest(name, known);
      return `${name} is no option${near === undefined ? "" : `: did you mean \`${near}\`?`}`;
    });
}

function variablesOf(rows: object, prefix = ""): string[] {
  return Object.entries(rows as Readonly<Record<string, Row>>).flatMap(([member, row]) => {
    const own = variableOf(`${prefix}${member}`, row);
    const members = isGroup(row) ? variablesOf(row.members, `${prefix}${member}.`) : [];
    return own === undefined ? members : [own, ...members];
  });
}
