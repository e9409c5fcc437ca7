import { spawn } from "node:child_process";
import path from "node:path";
import type { TestContext } from "node:test";

import { follow, type Program } from "./program.js";
import { connect, type Response } from "./wire.js";

const root = path.join(import.meta.dirname, "..", "..", "..");

/** Programs of which none knows lastcall. */
export const programs: string = path.join(root, "test", "fixtures", "auto");

/** How `lastcall/auto` comes into a program that was not changed; `bare`: it does not. */
export type Way = "bare" | "import" | "require" | "NODE_OPTIONS";

const WAYS: Readonly<Record<Way, { args: readonly string[]; options?: string }>> = {
  bare: { args: [] },
  import: { args: ["--import", "lastcall/auto"] },
  require: { args: ["--require", "lastcall/auto"] },
  NODE_OPTIONS: { args: [], options: "--import lastcall/auto" },
};

/** No balancer is there to notice anything. */
export const QUICK: NodeJS.ProcessEnv = { LASTCALL_LAME_DUCK: "false" };

/** The arguments and the environment of a Node that is preloaded in some way. */
export function preload(way: Way, env: NodeJS.ProcessEnv = {}): [string[], NodeJS.ProcessEnv] {
  const { args, options } = WAYS[way];
  const whole: NodeJS.ProcessEnv = { ...process.env, ...env };
  // Set by the runner of these tests, for its own.
  delete whole["NODE_TEST_CONTEXT"];
  if (options !== undefined) whole["NODE_OPTIONS"] = options;
  return [[...args], whole];
}

/** Starts a program of `test/fixtures/auto/`; killed when the test is over. */
export function startAuto(
  t: TestContext,
  way: Way,
  [file, ...args]: readonly [file: string, ...args: string[]],
  env: NodeJS.ProcessEnv = QUICK,
): Program {
  const [preloads, environment] = preload(way, env);
  const child = spawn(process.execPath, [...preloads, path.resolve(programs, file), ...args], {
    cwd: root,
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  return follow(t, child);
}

/** A request is in flight when SIGTERM comes: its answer, undefined where it is lost, and how the program ended. */
export async function stopInFlight(
  program: Program,
  tls = false,
): Promise<readonly [answer: Response | undefined, end: number | NodeJS.Signals | null]> {
  const client = await connect({ port: await program.port(), tls });
  await client.get("/slow");
  await program.says(/in flight \/slow/);
  program.kill("SIGTERM");
  const answer = await client.response().catch(() => undefined);
  const { code, signal } = await program.exit;
  return [answer, signal ?? code];
}
