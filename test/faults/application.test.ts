import assert from "node:assert/strict";
import http from "node:http";
import net from "node:net";
import { suite, test, type TestContext } from "node:test";

import { start } from "../harness/program.js";

/** What a stop says and leaves behind in which one request is touched that throws, and another is in flight. */
interface Row {
  readonly code: number;
  readonly outcome: string;
  readonly warning?: string;
}

const ABORTED: Row = { code: 124, outcome: "aborted", warning: "application-threw" };
/** It is of no use, and harmless. */
const UNUSED: Row = { code: 124, outcome: "aborted" };

const ROWS: Readonly<Record<string, Row>> = {
  "route-name": ABORTED,
  "route-of-none": ABORTED,
  "route-name-is-none": UNUSED,
  "route-getter": ABORTED,
  "url-is-no-text": UNUSED,
  "method-getter": ABORTED,
  "no-socket": ABORTED,
  "head-getter": UNUSED,
  "destroy-throws": ABORTED,
  "destroy-does-nothing": UNUSED,
  "stream-end": UNUSED,
  closable: ABORTED,
  // To Node, what a listener of a signal throws is an uncaught exception; the drain goes on.
  "abort-listener": { code: 1, outcome: "failed", warning: "uncaught-exception" },
  "stopping-listener": { code: 1, outcome: "failed", warning: "uncaught-exception" },
  "list-of-node": { code: 124, outcome: "aborted", warning: "internals-changed" },
};

/** As long as the budget, and what a busy machine may add. */
const LATEST = 6_000 + 3_000;

function ask(port: number, path: string): Promise<string> {
  return new Promise((resolve) => {
    http
      .get({ host: "127.0.0.1", port, path, agent: false }, (res) => {
        let body = "";
        res.setEncoding("utf8").on("data", (text: string) => (body += text));
        res.on("end", () => resolve(body)).on("error", () => resolve("torn"));
      })
      .on("error", () => resolve("cut"));
  });
}

async function stop(t: TestContext, what: string, how: string, signal: NodeJS.Signals) {
  const program = start(t, "throwing", [what, how]);
  const port = await program.port();
  const other = ask(port, "/other");
  const fault = ask(port, "/fault");
  await program.says(/started \/other/);
  await program.says(/started \/fault/);
  const begun = performance.now();
  program.kill(signal);
  const { code } = await program.exit;
  const tookMs = performance.now() - begun;
  assert.ok(tookMs < LATEST, `${tookMs} ms`);
  assert.match(program.stdout, /hook ran/);
  return { code, program, other: await other, fault: await fault };
}

suite("what the application throws when it is touched hangs no stop", { concurrency: 5 }, () => {
  for (const [what, row] of Object.entries(ROWS)) {
    test(`${what}: ${row.outcome}, ${row.code}`, async (t) => {
      const { code, program, other } = await stop(t, what, "fault", "SIGTERM");
      const { outcome, warnings } = program.report;
      assert.deepEqual([code, outcome], [row.code, row.outcome], program.stderr);
      assert.equal(other, "answered");
      const codes = warnings.map(({ code }) => code);
      if (row.warning !== undefined) assert.ok(codes.includes(row.warning), program.stderr);
      const told = warnings.find(({ code }) => code === "application-threw");
      if (told !== undefined) assert.match(told.message, /, at .+\.js:\d+; /);
    });
  }

  test("(control: nothing throws → clean, 0)", async (t) => {
    const { code, program, other, fault } = await stop(t, "route-name", "control", "SIGTERM");
    assert.deepEqual([code, program.report.outcome], [0, "clean"]);
    assert.deepEqual([other, fault], ["answered", "answered"]);
  });
});

test("drain() and abort() without signals reject for nothing that throws", async (t) => {
  const { code, program } = await stop(t, "drain", "fault", "SIGUSR2");
  assert.equal(code, 124, program.stdout);
  assert.doesNotMatch(program.stdout, /rejected/);
});

for (const how of ["fault", "control"] as const) {
  test(`while serving, a client that stops reading a response without a name ends nothing (${how})`, async (t) => {
    const program = start(t, "unnamed", [how]);
    const port = await program.port();
    const client = net.connect(port, "127.0.0.1", () => {
      client.write("GET /big HTTP/1.1\r\nHost: x\r\n\r\n");
      client.pause();
    });
    client.on("error", () => {});
    t.after(() => client.destroy());
    await program.says(/stall send/);
    assert.equal(await ask(port, "/"), "up");
    const [, warnings] = await program.says(/warnings:(.*)\n/);
    assert.equal(warnings, how === "fault" ? "application-threw" : "");
  });
}
