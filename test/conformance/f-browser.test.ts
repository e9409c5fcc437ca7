import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";

import { findFreePort } from "#src/prove/machine/port.js";
import { browse, chromium } from "../harness/browser.js";
import { start, type Program } from "../harness/program.js";

const skip = chromium === undefined && "no chromium in PATH (Debian: apt-get install chromium)";

/** What the page has seen last. */
function seenIn(program: Program): string[] {
  const line = program.stdout.split("\n").findLast((each) => each.startsWith("seen "));
  return JSON.parse(line?.slice("seen ".length) ?? "[]") as string[];
}

/** A browser on a page of a service, while the service is replaced by another on the same port. */
async function restartUnder(
  t: TestContext,
  how: "lastcall" | "exit",
): Promise<{ seen: string[]; code: number | null }> {
  // Not one of those that others are given: the second program needs it too.
  const port = await findFreePort();
  const old = start(t, "browser", [how, String(port), "old"]);
  await old.port();
  browse(t, `http://127.0.0.1:${port}/`);
  await old.says(/seen .*event from old/);
  await old.says(/seen .*message from old/);

  old.kill("SIGTERM");
  const { code } = await old.exit;
  const young = start(t, "browser", [how, String(port), "new"]);
  await young.says(/seen .*event from new/);
  await young.says(/seen .*message from new/);
  return { seen: seenIn(young), code };
}

test(
  "57. 59. Chromium's EventSource and WebSocket reconnect across a restart, told by both",
  { skip },
  async (t) => {
    const { seen, code } = await restartUnder(t, "lastcall");

    assert.equal(code, 0);
    // Where another connection to the old one is still open, an EventSource may come back on it once more.
    assert.deepEqual([...new Set(seen)].toSorted(), [
      "closed 1012 clean restart",
      "event from new",
      "event from old",
      "message from new",
      "message from old",
    ]);
  },
);

test(
  "57. (control: a service that exits leaves Chromium's WebSocket with 1006)",
  { skip },
  async (t) => {
    const { seen } = await restartUnder(t, "exit");

    assert.ok(seen.includes("closed 1006 unclean"), seen.join());
    assert.ok(!seen.some((each) => each.includes("1012")), seen.join());
  },
);
