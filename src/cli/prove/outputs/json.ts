import type { Io } from "../../io.js";
import type { Output } from "./output.js";

/** One JSON object on stdout, also when there is no result. */
export function createJsonOutput({ stdout }: Io): Output {
  return {
    writeResult: (result) => {
      stdout.write(`${JSON.stringify(result)}\n`);
    },
    writeError: ({ code, message }) => {
      const error = { code, message };
      stdout.write(`${JSON.stringify({ version: 1, verdict: "could-not-run", error })}\n`);
    },
  };
}
