import type { TestContext } from "node:test";

import type { DrainReport } from "lastcall";

import { start } from "../harness/program.js";
import { connectAll } from "./clients.js";

/** What goes wrong, and where. */
export interface Injection {
  readonly mode: "none" | "throw" | "once" | "odd" | "reject" | "hang";
  /** As the source names them. */
  readonly places: readonly string[];
  /** Whether there are requests that never end. */
  readonly isNever: boolean;
}

/** How a stop with a fault in it ended. */
export interface Stopped {
  readonly code: number | null;
  readonly report: DrainReport | undefined;
  /** Of the requests that no fault has touched. */
  readonly answers: readonly string[];
  readonly tookMs: number;
  /** The places that were not reached. */
  readonly missed: readonly string[];
  readonly hasHookRun: boolean;
  readonly stderr: string;
}

/** How long clients have at first to do what they do during the lame duck, in ms. */
const LAME_DUCK = 300;

/**
 * Runs the service with one fault, loads it, stops it, and waits for its end. Once more where a place was not reached: on
 * a busy machine a client comes too late for some of them, and is given more time then.
 */
export async function stopWithFault(t: TestContext, injection: Injection): Promise<Stopped> {
  let stopped = await stopOnce(t, injection, LAME_DUCK);
  for (let tries = 1; stopped.missed.length > 0 && tries < 4; tries++) {
    stopped = await stopOnce(t, injection, LAME_DUCK * 2 ** tries);
  }
  return stopped;
}

async function stopOnce(t: TestContext, fault: Injection, lameDuckMs: number): Promise<Stopped> {
  const { mode, places, isNever } = fault;
  const args = [mode, places.join("|"), isNever ? "never" : "calm", String(lameDuckMs)];
  const program = start(t, "faults", args);
  const [, first, second] = await program.says(/listening (\d+) (\d+)/);
  // Who is answered before others have gone is listened to for a while, and not told that it is the end.
  const clients = { isNever, hasLast: places.includes("last end of a socket") };
  const seen = await connectAll(t, program, [Number(first), Number(second)], clients);
  const begun = performance.now();
  program.kill("SIGTERM");
  // Where the fault is that nothing is stopped, it never says so.
  void program.says(/stopping/).then(
    () => seen.duringLameDuck(),
    () => {},
  );
  const { code } = await program.exit;
  const tookMs = performance.now() - begun;
  const hasReport = program.stderr.includes('{"lastcall":"drain"');
  return {
    code,
    report: hasReport ? program.report : undefined,
    answers: await seen.answers,
    tookMs,
    missed: places
      .map((place) => place.replace(/=.*/, ""))
      .filter((place) => !program.stdout.includes(`injected ${place}\n`)),
    hasHookRun: program.stdout.includes("hook ran"),
    stderr: program.stderr,
  };
}
