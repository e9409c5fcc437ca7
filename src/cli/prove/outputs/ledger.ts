import type { OutputFile } from "../../open-file.js";
import type { Output } from "./output.js";

/** A file of one JSON object per request. */
export function createLedgerOutput(file: OutputFile): Output {
  return {
    onRequest: (row) => file.write(`${JSON.stringify(row)}\n`),
    writeResult: () => {},
    writeError: () => {},
    close: () => file.close(),
  };
}
