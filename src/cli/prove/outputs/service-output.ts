import type { OutputFile } from "../../open-file.js";
import type { Output } from "./output.js";

/** A file of what the service wrote, each line with its time, and of what was done to it. */
export function createServiceOutput(file: OutputFile): Output {
  return {
    onOutput: ({ at, trial, generation, from, text }) => {
      const time = new Date(at).toISOString();
      file.write(`${time} ${String(trial)}.${String(generation)} ${from.padEnd(6)} ${text}\n`);
    },
    writeResult: () => {},
    writeError: () => {},
    close: () => file.close(),
  };
}
