/**
 * What `lastcall/auto` does once a server listens. The build makes one file of this and of all that it imports,
 * `serve.cjs`, which is loaded in the middle of `listen()`.
 *
 * @module
 */
import { toError } from "../errors.js";
import { refuseStart } from "../process/exit/refuse-start.js";
import { readConfiguration, type Configuration } from "./configuration.js";
import { Observer } from "./observe/observer.js";
import type { Part } from "./part.js";
import { StandIn } from "./stand-in.js";

const NOTHING: Part = { listens: () => false, workerSaid: () => {} };

/** Ends the process where the environment has a wrong value. */
export function createPart(): Part {
  const configuration = configure();
  for (const fault of configuration.faults) {
    process.stderr.write(`lastcall/auto: ${fault}; the default is taken\n`);
  }
  switch (configuration.mode) {
    case "drain":
      return new StandIn(configuration);
    case "observe":
      return new Observer(configuration);
    case "off":
      return NOTHING;
  }
}

function configure(): Configuration {
  try {
    return readConfiguration();
  } catch (thrown) {
    return refuseStart(
      `lastcall/auto: ${toError(thrown).message}. The program is not started; LASTCALL_STRICT=0 takes the default instead`,
    );
  }
}
