import { createWriteStream, type WriteStream } from "node:fs";
import { once } from "node:events";
import { finished } from "node:stream/promises";
import { UnwrittenError, UsageError } from "./usage.js";
import { nameCause } from "./watch-streams.js";

/** A file that an option names. */
export interface OutputFile {
  write(text: string): void;
  /** Rejects with UnwrittenError. */
  close(): Promise<void>;
}

/** Opens the file before anything is started, so that a wrong path costs no run. Throws UsageError. */
export async function openFile(option: string, path: string): Promise<OutputFile> {
  const stream: WriteStream = createWriteStream(path);
  try {
    await once(stream, "open");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(
      `Expected \`${option}\` to be a file that can be written, got \`${path}\` (${String(code)})`,
    );
  }
  // Told when it is closed, after the result has been printed.
  stream.on("error", () => {});
  return {
    write: (text) => {
      stream.write(text);
    },
    close: async () => {
      stream.end();
      try {
        await finished(stream);
      } catch (error) {
        const why = nameCause(error as NodeJS.ErrnoException);
        throw new UnwrittenError(`\`${option}\` could not be written to \`${path}\`: ${why}`);
      }
    },
  };
}
