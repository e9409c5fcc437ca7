// The example under `lastcall prove --inspect`, as it is and with one line changed at a time.
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, test, type TestContext } from "node:test";

import { prove, renderVerdict, type ProveResult } from "#src/prove/index.js";
import { Client } from "pg";

import { startKafka } from "./servers/kafka.js";
import { startPostgres } from "./servers/postgres.js";
import { startRedis } from "./servers/redis.js";

const [postgres, redis, kafka] = await Promise.all([
  startPostgres({ after }),
  startRedis({ after }),
  startKafka({ after }),
]);
const example = path.join(import.meta.dirname, "..", "..", "..", "examples", "orders");
const { host, port, user, database } = postgres.config;
const env = {
  ...process.env,
  DATABASE_URL: `postgres://${user}@${host}:${String(port)}/${database}`,
  REDIS_URL: redis.url,
  KAFKA_BROKERS: kafka.broker,
};

// So that there is an order to read, and a report with something in it, before the first one is placed.
const client = new Client(postgres.config);
client.on("error", () => {});
await client.connect();
await client.query(
  "create table orders (id text primary key, product text not null, quantity int not null)",
);
await client.query("insert into orders values ('1', 'tea', 1)");
await client.end();

function proveOrders(folder: string): Promise<ProveResult> {
  return prove({
    command: [process.execPath, path.join(folder, "server.js")],
    env,
    requests: ['POST /orders {"id":"{{id}}","product":"tea","quantity":1}', "GET /orders/1"],
    slow: ["GET /report"],
    inspect: true,
    lag: 500,
    grace: 15_000,
  });
}

interface Changed {
  readonly file: string;
  readonly folder: string;
  /** From 1. */
  readonly line: number;
}

/** A copy of the example, beside it so that it finds the same packages, in which one line is another one. */
function change(t: TestContext, name: string, before: string, changed: string): Changed {
  const folder = mkdtempSync(`${example}-`);
  t.after(() => rmSync(folder, { recursive: true }));
  cpSync(example, folder, { recursive: true });
  const file = path.join(folder, name);
  const lines = readFileSync(file, "utf8").split("\n");
  const index = lines.findIndex((line) => line.includes(before));
  assert.notEqual(index, -1, `${name} has no line with ${before}`);
  lines[index] = (lines[index] ?? "").replace(before, changed);
  writeFileSync(file, lines.join("\n"));
  return { file, folder, line: index + 1 };
}

test("orders: proved and inspected, no finding", async () => {
  const result = await proveOrders(example);
  assert.deepEqual(result.findings, [], renderVerdict(result));
  assert.equal(result.verdict, "pass", renderVerdict(result));
});

for (const [what, id, name, before, changed] of [
  [
    "a signal that is not passed on",
    "handler/ignores-abort",
    "app.js",
    "db.query(sum, [], { signal: req.signal })",
    "db.query(sum, [])",
  ],
  [
    "a message that nobody waits for",
    "work/left-behind",
    "app.js",
    'service.waitUntil(outbox.publish({ id, product, quantity }), { name: "outbox", request: req })',
    "void outbox.publish({ id, product, quantity })",
  ],
  [
    "a pool that is closed first",
    "inflight/answered-5xx",
    "server.js",
    'service.hook("postgres", () => db.end())',
    'service.stopping.addEventListener("abort", () => void db.end())',
  ],
] as const) {
  test(`orders (${what}): exactly ${id}`, async (t) => {
    const { folder, file, line } = change(t, name, before, changed);
    const result = await proveOrders(folder);
    const report = renderVerdict(result);
    assert.deepEqual(
      result.findings.map((finding) => finding.id),
      [id],
      report,
    );
    if (id === "inflight/answered-5xx") return; // It has a route, and no line of its own.
    const places = result.findings[0]?.evidence.map(({ what: text, source }) => {
      const at = source === null ? "" : `${source.file}:${String(source.line)}`;
      return `${text} ${at} `;
    });
    const place = `${path.relative(process.cwd(), file)}:${String(line)}`;
    assert.ok(
      places?.some((text) => text.includes(`${place} `)),
      `${place}\n${report}`,
    );
  });
}
