// The user's own traffic, from the command line to the wire.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test, type TestContext } from "node:test";
import type { ProveResult, RequestRow } from "#src/prove/index.js";
import { commandOf } from "../prove/prove-fixture.js";
import { runCli } from "./run-cli.js";

const QUICK = ["prove", "--warmup", "100ms", "--lag", "150ms", "--clients", "pool=4,fresh=1"];
const SOON = { LAME_DUCK_MS: "600" };
const SERVICE = ["--", ...commandOf("echoes-field")];

function folder(t: TestContext): string {
  const made = mkdtempSync(path.join(tmpdir(), "lastcall-"));
  t.after(() => rmSync(made, { recursive: true }));
  return made;
}

function write(t: TestContext, name: string, text: string): string {
  const file = path.join(folder(t), name);
  writeFileSync(file, text);
  return file;
}

const HTTP = `@kind = tea
### weighs
# @weight 2
# @expect 200
# @expect-body "green"
GET http://localhost:1/{{kind}}
X-Echo: green
###
POST /orders

{"id":"{{id}}"}
###
DELETE /orders/1
`;

test("traffic: a .http file with weights, fields and expectations, one unsafe request named, the other told", async (t) => {
  const file = write(t, "shop.http", HTTP);
  const ledger = path.join(folder(t), "ledger");
  const own = [
    "--http",
    file,
    "--allow",
    "POST /orders",
    "--header",
    "X-Key: secret",
    "--request",
    "GET /own",
  ];
  const run = await runCli([...QUICK, ...own, "--json", "--ledger", ledger, ...SERVICE], SOON);
  assert.equal(run.code, 0, run.stdout + run.stderr);
  assert.match(
    run.stderr,
    /^lastcall prove: left out as unsafe: DELETE \/orders\/1 \(name them with .*\)\n$/,
  );
  const result = JSON.parse(run.stdout) as ProveResult;
  assert.equal(result.verdict, "pass");
  const rows = readFileSync(ledger, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as RequestRow);
  const pool = rows.filter(({ client }) => client === "pool" || client === "fresh");
  const count = (what: string): number =>
    pool.filter(({ method, path: at }) => `${method} ${at}` === what).length;
  assert.equal(count("GET /own") + count("GET /tea") + count("POST /orders"), pool.length);
  assert.ok(
    Math.abs(count("GET /tea") - 2 * count("POST /orders")) <= 8,
    "twice as often, to a turn of each client",
  );
  assert.ok(
    rows.every(({ status }) => status !== 401),
    "the field that every request has arrived with each",
  );
});

test("traffic: control: without the field that the service wants, its readiness has an answer, its expectation not", async (t) => {
  const file = write(t, "shop.http", "# @expect 200\nGET /tea\n");
  const run = await runCli([...QUICK, "--http", file, ...SERVICE], SOON);
  assert.equal(run.code, 3);
  assert.match(
    run.stderr,
    /could not run: GET \/tea answered 401 before the signal, expected 200: mend /,
  );
});

test("traffic: an OpenAPI document and a recording at a rate, their parts counted in the result", async (t) => {
  const api = write(
    t,
    "api.yaml",
    "openapi: 3.0.0\nservers: [{ url: /v1 }]\npaths: { /tea: { get: {}, delete: {} } }\n",
  );
  const entries = [{ request: { method: "GET", url: "http://shop.example/cake", headers: [] } }];
  const har = write(t, "visit.har", JSON.stringify({ log: { entries } }));
  const files = ["--openapi", api, "--har", har, "--allow-unsafe", "--header", "X-Key: secret"];
  const run = await runCli(
    [...QUICK.slice(0, 5), ...files, "--rate", "100", "--spacing", "even", "--json", ...SERVICE],
    SOON,
  );
  assert.equal(run.code, 0, run.stdout + run.stderr);
  assert.equal(run.stderr, "");
  const result = JSON.parse(run.stdout) as ProveResult;
  const byClient = result.trials[0]?.requestsByClient;
  assert.ok((byClient?.rate.ok ?? 0) >= 15, JSON.stringify(byClient));
  assert.equal(byClient?.pool.planned, 0);
  assert.ok((result.trials[0]?.stops[0]?.latency?.before?.count ?? 0) > 0);
});

const NEEDS = "name them with `--allow`, or give `--allow-unsafe`";

for (const [what, name, text, more, message] of [
  [
    "a broken recording",
    "x.har",
    "{\n",
    [],
    /x\.har:2: Expected JSON, got the end of the file too early\n$/,
  ],
  [
    "a broken document",
    "x.openapi",
    "openapi: 3.0.0\n a: b\n",
    [],
    /x\.openapi:\d: Expected YAML or JSON: .*\n$/,
  ],
  [
    "a broken request",
    "x.http",
    "\nGTE /\n",
    [],
    /x\.http:2: Expected a request such as GET \/path, got `GTE \/`\n$/,
  ],
  [
    "only unsafe requests",
    "x.http",
    "POST /a\n",
    [],
    `Expected a safe request, got POST /a: ${NEEDS}\n`,
  ],
  [
    "a name of no request",
    "x.http",
    "GET /a\n",
    ["--allow", "POST /b"],
    "Expected `--allow` to name a request of the files, got `POST /b`\n",
  ],
] as const) {
  test(`traffic: ${what} → one sentence, exit 2, nothing started`, async (t) => {
    const file = write(t, name, text);
    const run = await runCli([
      "prove",
      `--${name.slice(2)}`,
      file,
      ...more,
      "--",
      "no-such-command",
    ]);
    assert.deepEqual([run.code, run.stdout], [2, ""]);
    assert.equal(run.stderr.trimEnd().split("\n").length, 1);
    if (typeof message === "string") assert.equal(run.stderr, `lastcall: ${message}`);
    else assert.match(run.stderr, message);
  });
}
