// inspect/: --inspect: the service is started with a preload, and what lives on after its requests is listed.
import { CannotRunError } from "../facts/errors.js";
import type { Inspection, InspectionName, InspectionResult } from "../facts/inspection.js";
import { NotInspectedError } from "./errors.js";

// The first says whether there is a Node process at all.
const NAMES: readonly InspectionName[] = ["client-leaves", "stop-passes", "after-answer"];

/**
 * Makes the inspections one after the other. What stands in the way of one is its fault and ends them:
 * the trials under load have their verdict without. Rejects only when it is interrupted.
 */
export async function inspectService(
  run: (name: InspectionName, index: number) => Promise<Inspection>,
): Promise<InspectionResult> {
  const inspections: Inspection[] = [];
  try {
    for (const [index, name] of NAMES.entries()) inspections.push(await run(name, index));
    return { inspections, faults: [] };
  } catch (error) {
    return { inspections, faults: [describeFault(error)] };
  }
}

function describeFault(error: unknown): string {
  if (error instanceof NotInspectedError) return error.message;
  const isInspection = error instanceof CannotRunError && error.code !== "PROVE_INTERRUPTED";
  if (!isInspection) throw error;
  return `inspect: ${error.message}`;
}
