import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import type { Inspection, InspectionName } from "#src/prove/facts/inspection.js";
import { NotInspectedError } from "#src/prove/inspect/errors.js";
import { InspectTrial } from "#src/prove/inspect/trial.js";
import type { ProveOptions } from "#src/prove/options/options.js";
import { resolveOptions, type ResolvedOptions } from "#src/prove/options/resolve.js";
import { unlessStalled } from "../../harness/unless-stalled.js";

const compiled = fileURLToPath(new URL("../../fixtures/inspect/", import.meta.url));
const sources = fileURLToPath(new URL("../../../../test/fixtures/inspect/", import.meta.url));

/**
 * Copies the compiled services to a folder with a space in its name, and what stands for a database's
 * package to its node_modules.
 */
export async function installFixtures(t: TestContext): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "lastcall inspect "));
  t.after(() => rm(folder, { recursive: true }));
  await cp(compiled, folder, { recursive: true });
  await writeFile(path.join(folder, "package.json"), `{"type":"module"}`);
  const database = path.join(folder, "node_modules", "database");
  await mkdir(database, { recursive: true });
  await cp(path.join(compiled, "database.js"), path.join(database, "index.js"));
  const manifest = { name: "database", type: "module", exports: "./index.js" };
  await writeFile(path.join(database, "package.json"), JSON.stringify(manifest));
  return folder;
}

/** The compiled service, where the package's own imports work. */
export function compiledFixture(name: string): string {
  return path.join(compiled, `${name}.js`);
}

/** Where the source says `blame:`: the line number, by the name that follows. */
export async function readBlames(name: string): Promise<ReadonlyMap<string, number>> {
  const text = await readFile(path.join(sources, `${name}.ts`), "utf8");
  return new Map(
    text.split("\n").flatMap((line, index) => {
      const blamed = /\/\/ blame: (\w+)/.exec(line)?.[1];
      return blamed === undefined ? [] : [[blamed, index + 1] as const];
    }),
  );
}

/** One inspection, without the trials under load; again when the machine was too busy for one. */
export async function inspect(
  t: TestContext,
  name: InspectionName,
  options: ProveOptions,
): Promise<Inspection> {
  const resolved = resolveOptions({ requests: ["GET /"], inspectWait: 300, ...options });
  const result = await unlessStalled(
    () => inspectOnce(t, name, resolved),
    (one) => one instanceof NotInspectedError && one.message.includes("too busy"),
  );
  if (result instanceof NotInspectedError) throw result;
  return result;
}

async function inspectOnce(
  t: TestContext,
  name: InspectionName,
  options: ResolvedOptions,
): Promise<Inspection | NotInspectedError> {
  const context = { trial: 1, seed: 1, onPhase: () => {}, onRequest: () => {}, onOutput: () => {} };
  const trial = new InspectTrial(name, options, context);
  t.after(() => trial.close());
  try {
    return await trial.run();
  } catch (error) {
    if (!(error instanceof NotInspectedError)) throw error;
    await trial.close();
    return error;
  }
}

/** `query database Pool.query ignores.ts:83` */
export function brief({ entries }: Inspection): string[] {
  return entries
    .map(({ route, what, source }) => {
      const file = path.basename(source.file);
      return `${route.replace(/^\w+ \//, "")} ${what} ${file}:${String(source.line)}`;
    })
    .sort();
}
