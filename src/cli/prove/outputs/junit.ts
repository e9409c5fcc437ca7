import { renderJunit, renderJunitError, type RunTimes } from "../../../prove/render/junit.js";
import type { OutputFile } from "../../open-file.js";
import type { Output } from "./output.js";

/** JUnit XML, for what shows test results. */
export function createJunitOutput(file: OutputFile, subject: string): Output {
  const startedAt = new Date();
  const begunAt = performance.now();
  const times = (): RunTimes => ({ startedAt, durationMs: performance.now() - begunAt });
  return {
    writeResult: (result) => file.write(renderJunit(result, times())),
    writeError: (error) => file.write(renderJunitError(subject, error, times())),
    close: () => file.close(),
  };
}
