import type { CannotRunError, ProveResult, RequestRow } from "../../prove/index.js";

/** A place where a run is written to, in a form of its own. */
export interface Output {
  /** Told each request when its trial is over. */
  onRequest?(row: RequestRow): void;
  writeResult(result: ProveResult): void;
  /** There is no result. */
  writeError(error: CannotRunError): void;
  /** Resolves when all is written. Called in any case, last. */
  close?(): Promise<void>;
}
