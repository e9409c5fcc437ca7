import { appendFileSync } from "node:fs";
import { renderAnnotation, renderAnnotations } from "../../../prove/render/github.js";
import { renderSummary, renderSummaryError } from "../../../prove/render/summary.js";
import type { Io } from "../../io.js";
import { nameFile } from "../../name-file.js";
import type { Output } from "./output.js";

/** Annotations in the log, which GitHub reads on either stream. */
export function createAnnotationsOutput(stream: NodeJS.WriteStream): Output {
  return {
    writeResult: (result) => {
      stream.write(renderAnnotations(result, nameFile));
    },
    writeError: ({ message }) => {
      stream.write(renderAnnotation(message));
    },
  };
}

/** The job's summary. A run is not lost for the lack of it. */
export function createSummaryOutput(file: string, { stderr }: Io): Output {
  const append = (text: string): void => {
    try {
      appendFileSync(file, text);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      stderr.write(
        `lastcall prove: the job's summary \`${file}\` was not written (${String(code)})\n`,
      );
    }
  };
  return {
    writeResult: (result) => append(renderSummary(result)),
    writeError: ({ message }) => append(renderSummaryError(message)),
  };
}
