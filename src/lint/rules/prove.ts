import type { Application } from "../model/application.js";
import type { Fault } from "./rule.js";

/** The `prove` command of a program, with options of its own; none for one that has to be compiled first. */
export function proveNode(application: Application | null, options = ""): Pick<Fault, "prove"> {
  const entry = application?.entry ?? "server.js";
  if (/\.[cm]?tsx?$/.test(entry)) return {};
  return { prove: `lastcall prove ${options === "" ? "" : `${options} `}-- node ${entry}` };
}
