import { appendFileSync } from "node:fs";
import path from "node:path";
import {
  annotateError,
  renderAnnotations,
  renderSummary,
  renderSummaryError,
} from "../../prove/index.js";
import type { Io } from "../io.js";
import type { Output } from "./output.js";

/** Annotations in the log, which GitHub reads on either stream. */
export function createAnnotationsOutput(stream: NodeJS.WriteStream): Output {
  const root = process.env["GITHUB_WORKSPACE"] ?? process.cwd();
  const relativePath = (file: string): string => {
    const relative = path.relative(root, path.resolve(file));
    return relative.startsWith("..") ? file : relative.replaceAll(path.sep, "/");
  };
  return {
    writeResult: (result) => {
      stream.write(renderAnnotations(result, relativePath));
    },
    writeError: ({ message }) => {
      stream.write(annotateError(message));
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
