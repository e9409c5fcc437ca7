import { fileURLToPath } from "node:url";
import { prove, type ProveOptions, type ProveResult, type RequestRow } from "#src/prove/index.js";
import { checkSchema } from "../harness/result-schema.js";
import { unlessStalled } from "../harness/unless-stalled.js";

/** The command that runs a fixture on the Node that runs the tests. */
export function commandOf(fixture: string): string[] {
  return [process.execPath, pathOf(fixture)];
}

export function pathOf(fixture: string): string {
  return fileURLToPath(new URL(`../fixtures/prove/${fixture}.js`, import.meta.url));
}

export interface Proof {
  readonly result: ProveResult;
  readonly rows: readonly RequestRow[];
}

/** Proves a fixture with short times; again when there was no verdict because the machine stalled. */
export function proveFixture(fixture: string, options: Partial<ProveOptions> = {}): Promise<Proof> {
  return unlessStalled(() => proveOnce(fixture, options), hasStalled);
}

function hasStalled({ result }: Proof): boolean {
  const faults = result.trials.flatMap((trial) => trial.faults);
  return faults.some((fault) => /^(?:the load process did not get to run|too noisy)/.test(fault));
}

async function proveOnce(fixture: string, options: Partial<ProveOptions>): Promise<Proof> {
  const rows: RequestRow[] = [];
  const result = await prove({
    command: commandOf(fixture),
    warmup: 150,
    lag: 200,
    onRequest: (row) => rows.push(row),
    ...options,
  });
  checkSchema(result);
  return { result, rows };
}

/** The criterion of that name. */
export function criterionOf(
  result: ProveResult,
  name: string,
): { measured: string; passed: boolean | null } {
  const criterion = result.criteria.find((candidate) => candidate.name === name);
  if (criterion === undefined) throw new Error(`no criterion is named ${name}`);
  return criterion;
}
