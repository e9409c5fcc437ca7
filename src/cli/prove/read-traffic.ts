import type { ProveOptions } from "../../prove/index.js";
import {
  gatherRequests,
  UnusableFilesError,
  type Gathered,
  type TrafficFiles,
} from "../../prove/traffic/gather.js";
import { UsageError } from "../usage.js";
import { spell } from "./table.js";

/** They have been read. */
const NO_FILES = { http: [], har: [], openapi: [], allow: [], allowUnsafe: false } as const;

/** Puts the requests of files in the place of their names. Tells what was left out. Throws UsageError. */
export async function readTraffic(
  options: ProveOptions,
  onNote: (note: string) => unknown,
): Promise<ProveOptions> {
  const gathered = await gather(options);
  for (const note of gathered?.notes ?? []) onNote(note);
  const requests = [...(options.requests ?? []), ...(gathered?.requests ?? [])];
  refuseRateClash(options, requests.length > 0);
  return gathered === undefined ? options : { ...options, ...NO_FILES, requests };
}

async function gather(files: TrafficFiles): Promise<Gathered | undefined> {
  try {
    return await gatherRequests(files, process.env, spell);
  } catch (error) {
    throw error instanceof UnusableFilesError ? new UsageError(error.message) : error;
  }
}

/** What is asked at a rate may come from files, so it is known only now. */
function refuseRateClash({ rate, spacing, h2 }: ProveOptions, hasRequests: boolean): void {
  if (rate === undefined) {
    if (spacing === undefined) return;
    throw new UsageError("Expected `--spacing` with `--rate`, got it alone");
  }
  if (hasRequests || h2 === undefined) return;
  throw new UsageError(
    "Expected `--rate` with a `--request`, as it sends HTTP/1.1, got `--h2` alone",
  );
}
