import { readFileSync } from "node:fs";

import { planBudget, planSpread } from "../budget.js";
import { NEVER } from "../clock.js";
import { isLastcallError, LastcallError, toError } from "../errors.js";
import { preferGiven, readEnvironment, type Environment } from "../options/environment.js";
import type { LastcallOptions } from "../options/options.js";
import { readGiven, type Given } from "../options/read.js";
import { valueOf } from "../options/row.js";
import { readOptions, type Settings } from "../options/settings.js";
import { LASTCALL } from "../options/table.js";
import { AUTO, type AutoOptions, type Mode } from "./options.js";
import { parsePorts, type PortRange } from "./ports.js";

/** What applies to this process. */
export interface Configuration {
  readonly mode: Mode;
  readonly excludePorts: readonly PortRange[];
  readonly keepListeners: readonly NodeJS.Signals[];
  readonly config: string | undefined;
  readonly strict: boolean;
  /** The options of the service. */
  readonly settings: Settings;
  /** Those that were given, by the environment or the file. */
  readonly given: Given<LastcallOptions>;
  readonly givenAuto: Given<AutoOptions>;
  /** What was wrong, and has its default instead. Always empty where `strict`. */
  readonly faults: readonly string[];
}

interface Both {
  readonly service: Given<LastcallOptions>;
  readonly auto: Given<AutoOptions>;
  readonly variables: readonly string[];
}

/**
 * Reads what the environment says, and the file that it names.
 * @throws {LastcallError} for what is wrong, unless `LASTCALL_STRICT=0`.
 */
export function readConfiguration(environment: Environment = process.env): Configuration {
  const faults: string[] = [];
  const isStrict = isStrictIn(environment);
  const wrong = (error: unknown): void => {
    if (isStrict || !isLastcallError(error)) throw error;
    faults.push(error.message);
  };
  const from = readAll(environment, wrong);
  try {
    return complete(from, isStrict, faults);
  } catch (error) {
    // Each is right, and together they are not: windows that do not fit.
    wrong(error);
    return complete({ ...from, service: {}, variables: [] }, isStrict, faults);
  }
}

/** Asked first: it decides what becomes of what is wrong. */
function isStrictIn(environment: Environment): boolean {
  const written = environment["LASTCALL_STRICT"];
  return written === undefined || AUTO.strict.takes.text?.parse(written) !== false;
}

function readAll(environment: Environment, wrong: (error: unknown) => void): Both {
  const auto = readEnvironment<AutoOptions>(AUTO, environment, wrong);
  const service = readEnvironment<LastcallOptions>(LASTCALL, environment, wrong);
  const variables = [...auto.variables, ...service.variables];
  const { config } = auto.given;
  if (config === undefined) return { service: service.given, auto: auto.given, variables };
  try {
    const file = readConfigFile(config);
    return {
      service: preferGiven(service.given, file.service),
      auto: preferGiven(auto.given, file.auto),
      variables,
    };
  } catch (error) {
    wrong(error);
    return { service: service.given, auto: auto.given, variables };
  }
}

/** @throws {LastcallError} `ERR_LASTCALL_OPTION` that names the file. */
function readConfigFile(file: string): Pick<Both, "service" | "auto"> {
  try {
    const whole: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof whole !== "object" || whole === null || Array.isArray(whole)) {
      throw new TypeError("Expected an object of options");
    }
    const entries = Object.entries(whole);
    const isAutos = ([name]: readonly [string, unknown]): boolean => Object.hasOwn(AUTO, name);
    const auto = readGiven<AutoOptions>(AUTO, Object.fromEntries(entries.filter(isAutos)));
    return {
      auto: { ...auto, excludePorts: parsePorts(auto.excludePorts) },
      service: readGiven<LastcallOptions>(
        LASTCALL,
        Object.fromEntries(entries.filter((entry) => !isAutos(entry))),
      ),
    };
  } catch (thrown) {
    throw new LastcallError(
      "ERR_LASTCALL_OPTION",
      `The file \`${file}\` of LASTCALL_CONFIG: ${toError(thrown).message}`,
    );
  }
}

function complete(
  { service, auto, variables }: Both,
  strict: boolean,
  faults: readonly string[],
): Configuration {
  const read = readOptions(service as LastcallOptions, {});
  // While the program serves, no client is cut that it would not cut itself.
  const sendServing = service.timeouts?.send === undefined ? NEVER : read.timeouts.sendServing;
  const settings = {
    ...read,
    variables,
    // Nothing in the program can end them, and their clients come back: what stands between need not see a fault.
    endsEventStreams: true,
    timeouts: { ...read.timeouts, sendServing },
  };
  planSpread(settings, planBudget(settings));
  return {
    mode: auto.mode ?? valueOf(AUTO.mode),
    excludePorts: auto.excludePorts ?? [],
    keepListeners: auto.keepListeners ?? [],
    config: auto.config,
    strict,
    settings,
    given: service,
    givenAuto: auto,
    faults,
  };
}
