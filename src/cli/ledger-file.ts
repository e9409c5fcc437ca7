import { createWriteStream, type WriteStream } from "node:fs";
import { once } from "node:events";
import { finished } from "node:stream/promises";
import type { RequestRow } from "../prove/index.js";
import { UsageError } from "./usage.js";

/** A file of one JSON object per request. */
export interface LedgerFile {
  write(row: RequestRow): void;
  close(): Promise<void>;
}

/** Opens the file before anything is started, so that a wrong path costs no run. */
export async function openLedger(path: string): Promise<LedgerFile> {
  const stream: WriteStream = createWriteStream(path);
  try {
    await once(stream, "open");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(
      `Expected \`--ledger\` to be a file that can be written, got \`${path}\` (${String(code)})`,
    );
  }
  return {
    write: (row) => {
      stream.write(`${JSON.stringify(row)}\n`);
    },
    close: () => {
      stream.end();
      return finished(stream);
    },
  };
}
