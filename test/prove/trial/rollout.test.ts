// `--during`: the load stays on while a command runs, and says when requests failed.
import assert from "node:assert/strict";
import http from "node:http";
import { once } from "node:events";
import { test, type TestContext } from "node:test";
import type { Entry } from "#src/prove/facts/ledger.js";
import {
  CannotRunError,
  prove,
  type ProveOptions,
  type ProveResult,
  type RequestRow,
  type Rollout,
} from "#src/prove/index.js";
import { findGaps } from "#src/prove/judge/gaps.js";
import { findFreePort } from "#src/prove/machine/port.js";
import { criterionOf } from "../prove-fixture.js";

/** A server whose listener can go away and come back on its port. */
async function serve(t: TestContext): Promise<{ port: number; restart: () => Promise<void> }> {
  let server = http.createServer((_request, response) => response.end("ok"));
  // Not one of those that others are given: it is free for a moment.
  const port = await findFreePort();
  await once(server.listen(port, "127.0.0.1"), "listening");
  t.after(() => server.close().closeAllConnections());
  const restart = async (): Promise<void> => {
    server.close().closeAllConnections();
    await once(server, "close");
    await new Promise((resolve) => setTimeout(resolve, 150));
    server = http.createServer((_request, response) => response.end("ok"));
    await once(server.listen(port, "127.0.0.1"), "listening");
  };
  return { port, restart };
}

async function roll(
  options: ProveOptions,
): Promise<{ result: ProveResult; rollout: Rollout; rows: RequestRow[] }> {
  const rows: RequestRow[] = [];
  const result = await prove({
    warmup: 100,
    think: 20,
    clients: { pool: 8, fresh: 2 },
    tail: 200,
    onRequest: (row) => rows.push(row),
    ...options,
  });
  const rollout = result.trials[0]?.rollout;
  assert.ok(rollout);
  return { result, rollout, rows };
}

test("--during: a gap is found, with every failed request and its time", async (t) => {
  const { port, restart } = await serve(t);
  let isRolling = false;
  const { result, rollout, rows } = await roll({
    url: `http://127.0.0.1:${String(port)}/`,
    during: "sleep 0.8",
    onProgress: ({ phase }) => {
      if (phase === "rolling" && !isRolling) void restart();
      isRolling ||= phase === "rolling";
    },
  });
  assert.equal(result.verdict, "fail");
  assert.deepEqual([rollout.command, rollout.exitCode, rollout.startMs], ["sleep 0.8", 0, 0]);
  assert.ok(rollout.endMs >= 790, String(rollout.endMs));
  const [gap, ...others] = rollout.gaps;
  assert.ok(gap);
  assert.deepEqual(others, []);
  const lost = rows.filter(({ outcome }) => outcome === "refused" || outcome === "dropped");
  assert.equal(gap.count, lost.length);
  assert.ok(gap.kinds.some(({ kind }) => kind === "refused"));
  const kinds = gap.kinds.reduce((sum, { count }) => sum + count, 0);
  assert.equal(kinds, gap.count);
  for (const { endMs } of lost) assert.ok(endMs >= gap.firstMs && endMs <= gap.lastMs);
  assert.ok(gap.firstMs >= 0 && gap.lastMs - gap.firstMs < 5_000);
  assert.ok(
    rows.some(({ outcome, endMs }) => outcome === "ok" && endMs > gap.lastMs),
    "it is over",
  );
});

test("--during, control: where nothing fails there is no gap, and the tail is waited for", async (t) => {
  const { port } = await serve(t);
  const { result, rollout, rows } = await roll({ port, during: "true", tail: 400 });
  assert.equal(result.verdict, "pass");
  assert.deepEqual(rollout.gaps, []);
  assert.ok(
    rows.some(({ startMs }) => (startMs ?? 0) > rollout.endMs + 200),
    "load in the tail",
  );
  assert.deepEqual(result.trials[0]?.stops, []);
});

test("--during: a command that fails fails the run, and a note has its last words", async (t) => {
  const { port } = await serve(t);
  const during = "echo rollout timed out; exit 4";
  const { result, rollout } = await roll({ port, during, tail: 0 });
  assert.equal(result.verdict, "fail");
  assert.equal(rollout.exitCode, 4);
  assert.equal(criterionOf(result, "exit code of the command").measured, "4");
  assert.match(result.notes[0] ?? "", /failed\. Its last output:\nrollout timed out$/);
});

test("--during: a command that cannot be run → could not run", async (t) => {
  const { port } = await serve(t);
  await assert.rejects(roll({ port, during: "no-such-command" }), (error: unknown) => {
    assert.ok(error instanceof CannotRunError);
    assert.equal(error.code, "PROVE_CANNOT_START");
    assert.match(error.message, /^cannot run `no-such-command`\. Its last output:\n.*not found$/);
    return true;
  });
});

const ENTRY: Entry = {
  id: "x",
  client: "pool",
  method: "GET",
  path: "/",
  connection: 1,
  generation: 0,
  sentAt: 0,
  endedAt: 0,
  firstByteAt: null,
  lastByteAt: null,
  outcome: "ok",
  kind: "complete",
  status: 200,
  saysClose: false,
};
const lost = (endedAt: number, kind: "reset" | "5xx" | "unanswered" = "reset"): Entry => ({
  ...ENTRY,
  id: String(endedAt),
  sentAt: endedAt - 5,
  endedAt,
  outcome: "dropped",
  kind,
});

test("gaps: failures near each other are one, those half a second apart are two", () => {
  const entries = [lost(1_400), lost(1_000), lost(2_100, "5xx"), { ...ENTRY, endedAt: 1_200 }];
  const gaps = findGaps(entries, 1_000);
  assert.deepEqual(
    gaps.map(({ firstMs, lastMs, count, answered }) => [firstMs, lastMs, count, answered]),
    [
      [0, 400, 2, 1],
      [1_100, 1_100, 1, 0],
    ],
  );
  const kinds = { outcome: "dropped", kind: "reset", count: 2, ids: ["1000", "1400"] };
  assert.deepEqual(gaps[0]?.kinds, [kinds]);
});

test("gaps: a request that was never answered failed when it was sent", () => {
  assert.deepEqual(
    findGaps([{ ...lost(9_000, "unanswered"), sentAt: 1_500 }], 1_000)[0]?.firstMs,
    500,
  );
  assert.deepEqual(findGaps([ENTRY], 0), []);
});
