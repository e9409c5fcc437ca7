import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { TestContext } from "node:test";

import { start, type Program } from "./program.js";
import { connect, type Target, type Wire } from "./wire.js";

/**
 * For fixtures: stands still, in this very turn of the loop, until `file` exists. What arrives
 * meanwhile waits in the kernel. Says `blocked` first.
 */
export function blockUntil(file: string): void {
  fs.writeSync(1, "blocked\n");
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  while (!fs.existsSync(file)) Atomics.wait(sleeper, 0, 0, 2);
}

/** A fixture program that a test can bring to a stand, and let go. */
export interface Stalling {
  program: Program;
  target: Target;
  /** Resolves when the program stands still; nothing is accepted or read from here on. */
  blocked: () => Promise<void>;
  release: () => void;
}

/** Starts a fixture whose first two arguments are `http` or `https`, and the file that lets it go. */
export async function startStalling(
  t: TestContext,
  name: string,
  options: { tls?: boolean; args?: readonly string[] } = {},
): Promise<Stalling> {
  const { tls = false, args = [] } = options;
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "lastcall-test-"));
  t.after(() => fs.rmSync(folder, { recursive: true }));
  const file = path.join(folder, "go");
  const program = start(t, name, [tls ? "https" : "http", file, ...args]);
  return {
    program,
    target: { port: await program.port(), tls },
    blocked: async () => {
      await program.says(/blocked/);
    },
    release: () => fs.writeFileSync(file, ""),
  };
}

/** Several connections at once, closed when the test is over. */
export async function connectMany(t: TestContext, target: Target, count: number): Promise<Wire[]> {
  const wires = await Promise.all(Array.from({ length: count }, () => connect(target)));
  t.after(() => {
    for (const wire of wires) wire.close();
  });
  return wires;
}

/** How many of the connections get what, by status, `lost` for those that get no whole response. */
export async function tally(wires: readonly Wire[]): Promise<Record<string, number>> {
  const outcomes = await Promise.all(
    wires.map((wire) =>
      wire.response().then(
        ({ status, headers }) => `${status} ${headers.get("connection") ?? "-"}`,
        () => "lost",
      ),
    ),
  );
  const counts: Record<string, number> = {};
  for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}
