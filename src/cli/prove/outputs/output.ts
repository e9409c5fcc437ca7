// outputs/: one place a file that a result is written to.
import type { CannotRunError, OutputLine, ProveResult, RequestRow } from "../../../prove/index.js";

/** A place where a run is written to, in a form of its own. */
export interface Output {
  /** Told each request when its trial is over. */
  onRequest?(row: RequestRow): void;
  /** Told each line that the service writes, as it comes. */
  onOutput?(line: OutputLine): void;
  writeResult(result: ProveResult): void;
  /** There is no result. */
  writeError(error: CannotRunError): void;
  /** Resolves when all is written, and rejects with UnwrittenError. Called in any case, last. */
  close?(): Promise<void>;
}
