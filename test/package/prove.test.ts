// `import { prove } from "lastcall/prove"`, as somebody calls it who has installed the package.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, test } from "node:test";

import { unlessStalled } from "../harness/unless-stalled.js";
import { evaluate, installed } from "./project.js";

const GRACEFUL = `
  import http from "node:http";
  import { writeFileSync } from "node:fs";
  import { lastcall } from "lastcall";
  writeFileSync("pid", String(process.pid));
  const service = lastcall({ gracePeriod: 10_000, lameDuck: { min: 1_500, max: 1_500 }, report: false });
  const server = http.createServer((req, res) => setTimeout(() => res.end("ok"), 20));
  service.attach(server).listen(process.env.PORT, "127.0.0.1");
`;

const PLAIN = `
  import http from "node:http";
  const server = http.createServer((req, res) => setTimeout(() => res.end("ok"), 20));
  server.listen(process.env.PORT, "127.0.0.1");
`;

interface Called {
  readonly outcome?: { readonly verdict: string; readonly notes: readonly string[] };
  readonly error?: { readonly name: string; readonly code: string; readonly message: string };
  readonly rows: number;
  readonly text: string;
  /** Whether the service's process is there when the promise has settled. */
  readonly isLeft: boolean;
  readonly printed: string;
}

const folder = installed({ after });

/** Calls it in a program that says nothing itself. */
function call(service: string, options: string): Called {
  writeFileSync(path.join(folder, "service.mjs"), service);
  const source = `
    import { readFileSync, writeFileSync } from "node:fs";
    import { CannotRunError, prove, renderVerdict } from "lastcall/prove";
    const told = { rows: 0, text: "" };
    const command = [process.execPath, "service.mjs"];
    const onRequest = () => (told.rows += 1);
    const short = { command, warmup: 200, lag: 200, grace: 10_000, onRequest };
    try {
      const result = await prove({ ...short, ${options} });
      Object.assign(told, { outcome: result, text: renderVerdict(result) });
    } catch (error) {
      const { code, message } = error;
      told.error = { name: error instanceof CannotRunError ? "CannotRunError" : error.name, code, message };
    }
    try { told.isLeft = process.kill(Number(readFileSync("pid", "utf8")), 0); } catch { told.isLeft = false; }
    writeFileSync("told.json", JSON.stringify(told));`;
  const { status, stdout, stderr } = evaluate("module", source, folder);
  assert.equal(status, 0, stderr);
  const told = JSON.parse(readFileSync(path.join(folder, "told.json"), "utf8")) as Called;
  return { ...told, printed: `${stdout}${stderr}` };
}

const callUnlessStalled = (...args: Parameters<typeof call>): Promise<Called> =>
  unlessStalled(
    async () => call(...args),
    ({ outcome }) => outcome?.verdict === "could-not-run",
  );

test("it resolves to the result, tells each request, and prints nothing", async () => {
  const called = await callUnlessStalled(GRACEFUL, `requests: ["GET /"]`);
  assert.equal(called.outcome?.verdict, "pass", called.text);
  assert.ok(called.rows > 0);
  assert.match(called.text, /PASS/);
  assert.equal(called.printed, "");
});

test("negative control: a service that drops requests has a verdict too, and it is fail", async () => {
  const called = await callUnlessStalled(PLAIN, `requests: ["GET /"]`);
  assert.equal(called.outcome?.verdict, "fail", called.text);
  assert.match(called.text, /FAIL/);
  assert.equal(called.printed, "");
});

test("an AbortSignal ends it, with the service and the load", () => {
  const called = call(
    GRACEFUL,
    `...(() => {
      const controller = new AbortController();
      const onProgress = ({ phase }) => phase === "loading" && controller.abort();
      return { abort: controller.signal, onProgress, warmup: 60_000 };
    })()`,
  );
  assert.deepEqual(
    [called.error?.name, called.error?.code, called.isLeft, called.printed],
    ["CannotRunError", "PROVE_INTERRUPTED", false, ""],
  );
});

test("requests of files are sent, and what was left out is among the notes", async () => {
  const called = await callUnlessStalled(
    GRACEFUL,
    `http: [(writeFileSync("all.http", "GET /a\\n\\n###\\nDELETE /b\\n"), "all.http")]`,
  );
  assert.equal(called.outcome?.verdict, "pass", called.text);
  assert.equal(
    called.outcome?.notes[0],
    "left out as unsafe: DELETE /b (name them with `allow`, or give `allowUnsafe`)",
  );
});

for (const [options, message] of [
  [`gracee: 5_000`, "Expected `gracee` to be an option of prove(), got 5000"],
  [`command: "node x"`, 'Expected `command` to be a list of strings, got "node x"'],
  [`grace: "5s"`, 'Expected `grace` to be a number of milliseconds from 0 up, got "5s"'],
  [`signal: "TERM"`, 'Expected `signal` to be the name of a signal, such as `SIGTERM`, got "TERM"'],
  [`abort: true`, "Expected `abort` to be an AbortSignal, got true"],
  [`http: ["none.http"]`, "none.http: Expected a file that can be read (ENOENT)"],
  [
    `allowUnsafe: true`,
    "Expected `allowUnsafe` with one of `http`, `har`, `openapi`, got none of them",
  ],
] as const) {
  test(`what cannot be used is refused with a typed error: ${options}`, () => {
    const { error, rows } = call(GRACEFUL, options);
    assert.deepEqual(error, { name: "CannotRunError", code: "PROVE_BAD_OPTION", message });
    assert.equal(rows, 0);
  });
}
