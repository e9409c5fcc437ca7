import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";

import { Program } from "../harness/program.js";
import { root, temporaryFolder } from "../package/project.js";

const LONGEST_WAIT = 60_000;

test("Ctrl-C in the main job leaves no process and no file behind, and exits with 130", async (t) => {
  const folder = temporaryFolder(t);
  const child = spawn(process.execPath, [path.join(root, "examples", "shop", "main.js")], {
    env: { ...process.env, TMPDIR: folder, TEMP: folder },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const program = new Program(child);
  t.after(async () => {
    child.kill("SIGKILL");
    await program.exit;
  });
  await untilLoaded(folder);
  if (process.platform === "linux") {
    // The main job, the prover, its load and the shop: whoever has our folder in its environment.
    assert.ok(membersOf(folder).length >= 4, "not everything has started");
  }

  program.kill("SIGINT");
  assert.deepEqual(await program.exit, { code: 130, signal: null });
  assert.deepEqual(readdirSync(folder), []);
  if (process.platform === "linux") assert.deepEqual(membersOf(folder), []);
});

/** Resolves once the shop under load has written an order down. */
async function untilLoaded(folder: string): Promise<void> {
  const deadline = performance.now() + LONGEST_WAIT;
  while (!readdirSync(folder).some((name) => hasOrders(path.join(folder, name)))) {
    assert.ok(performance.now() < deadline, "no order was ever placed");
    await sleep(20);
  }
}

function hasOrders(folder: string): boolean {
  const journal = path.join(folder, "without.js", "orders.ndjson");
  return (statSync(journal, { throwIfNoEntry: false })?.size ?? 0) > 0;
}

/** The processes that have the folder in their environment. */
function membersOf(folder: string): string[] {
  return readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/environ`, "utf8").includes(`TMPDIR=${folder}\0`);
    } catch {
      // It has ended meanwhile, or belongs to somebody else.
      return false;
    }
  });
}
