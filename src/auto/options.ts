/**
 * What `lastcall/auto` is told besides the options of a service: by the environment, or by a file.
 *
 * @module
 */
import { always, depends, NONE } from "../options/default-kinds.js";
import type { Kind } from "../options/kinds.js";
import * as kinds from "../options/kinds.js";
import type { Options } from "../options/row.js";
import { parsePorts, type PortRange } from "./ports.js";

/** What is done when a signal comes. */
export type Mode = "drain" | "observe" | "off";

/** How `lastcall/auto` behaves. Each may also stand in the file that `config` names, beside the options of a service. */
export interface AutoOptions {
  /** `observe` changes nothing and reports what a drain would have done; `off`: nothing is loaded. Default: `"drain"`. */
  mode?: Mode;
  /** Whether a wrong value keeps the program from starting. Default: `true`. */
  strict?: boolean;
  /** The file. Default: none. */
  config?: string;
  /** Servers on these ports are left alone, and serve until the process ends. Default: none. */
  excludePorts?: readonly PortRange[];
  /** The program's listeners of these signals are called at once, and not after the drain. Default: none. */
  keepListeners?: readonly NodeJS.Signals[];
}

const FLAGS: Readonly<Record<string, boolean>> = { 1: true, true: true, 0: false, false: false };

/** As other switches of the environment are written, too: `0` and `1`. */
const FLAG: Kind<boolean> = {
  ...kinds.FLAG,
  text: { expected: "`1`, `true`, `0` or `false`", parse: (text) => FLAGS[text] },
};

const FILE: Kind<string> = {
  ...kinds.FILE,
  text: { expected: "the path of a file", parse: (text) => (text === "" ? undefined : text) },
};

const PORTS: Kind<readonly PortRange[]> = {
  type: "ports",
  fault: (value) =>
    parsePorts(value) === undefined
      ? { expected: 'ports and ranges of them, such as "9090,9464" or "9000-9099"', got: value }
      : undefined,
  text: {
    expected: "ports and ranges of them, such as `9090,9464` or `9000-9099`",
    parse: parsePorts,
  },
};

const SIGNALS: Kind<readonly NodeJS.Signals[]> = {
  type: "names of signals",
  fault: (value) => (value === false ? kinds.SIGNALS.fault(undefined) : kinds.SIGNALS.fault(value)),
  text: {
    expected: "names of signals, such as `SIGINT,SIGTERM`",
    parse: (text) => {
      const names = text.split(",").map((name) => name.trim()) as NodeJS.Signals[];
      return kinds.SIGNALS.fault(names) === undefined ? names : undefined;
    },
  },
};

/** The rows of {@link AutoOptions}. */
export const AUTO: Options<AutoOptions> = {
  mode: {
    takes: kinds.oneOf("drain", "observe", "off"),
    default: always("drain"),
    meaning:
      "`observe`: [nothing is changed](auto.md#observe-first), and what a drain would have done is reported; `off`: nothing is loaded",
  },
  strict: {
    takes: FLAG,
    default: always(true),
    meaning:
      "whether a wrong value keeps the program from serving; `0`: it is named on stderr, and the default is taken",
  },
  config: {
    takes: FILE,
    default: NONE,
    meaning:
      "a JSON file with the options of this table and of [a service](options.md); the environment goes before it",
  },
  excludePorts: {
    takes: PORTS,
    default: NONE,
    meaning:
      "servers on these ports are left alone, and serve until the process ends: metrics, probes, an admin page",
  },
  keepListeners: {
    takes: SIGNALS,
    default: depends("none"),
    meaning: "the program's listeners of these signals are called at once, and not after the drain",
  },
};
