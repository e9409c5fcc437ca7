import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { suite, test, type TestContext } from "node:test";
import { setTimeout as wait } from "node:timers/promises";

import { judgeSignal } from "#src/process/signals/telling.js";

import { Program, start } from "../harness/program.js";
import { connect, type Wire } from "../harness/wire.js";

async function inFlight(program: Program): Promise<Wire> {
  const client = await connect({ port: await program.port() });
  await client.get("/");
  await program.says(/in flight/);
  return client;
}

async function answered(client: Wire, program: Program): Promise<void> {
  const { status, body } = await client.response();
  assert.deepEqual([status, body], [200, "answered"]);
  assert.deepEqual(await program.exit, { code: 0, signal: null });
  assert.equal(program.report.outcome, "clean");
  assert.equal(program.report.exitCode, 0);
}

test("a signal is the first, the same stop again, or one that cuts", () => {
  type From = "outside" | "self" | "primary";
  const told = (from: From, at: number, silentMs = 0, window = 250): string =>
    judgeSignal({ from, at, silentMs }, 1_000, window);
  assert.equal(judgeSignal({ from: "outside", at: 5, silentMs: 0 }, undefined, 250), "stop");
  assert.equal(told("outside", 1_050), "repeat");
  assert.equal(told("outside", 1_300), "cut");
  assert.equal(told("self", 1_050), "repeat");
  assert.equal(told("self", 60_000), "ignored");
  assert.equal(told("primary", 60_000), "ignored");
  // The loop has not turned since right after the first: it may have come then.
  assert.equal(told("outside", 4_000, 2_900), "repeat");
  assert.equal(told("outside", 4_000, 2_000), "cut");
  assert.equal(told("outside", 1_050, 0, 0), "cut");
});

suite("a program that is told again", { concurrency: 5 }, () => {
  for (const [first, ...others] of [
    ["SIGTERM", "SIGTERM"],
    ["SIGTERM", "SIGINT"],
    ["SIGINT", "SIGTERM"],
    ["SIGTERM", "SIGINT", "SIGTERM"],
    // A session's end: systemd's SendSIGHUP. The kernel hands over the lower number first.
    ["SIGTERM", "SIGHUP"],
    ["SIGTERM", "SIGQUIT"],
    ["SIGHUP", "SIGTERM"],
  ] as const) {
    test(`${[first, ...others].join(", ")} at once: one stop, nothing is lost`, async (t) => {
      const program = start(t, "told-again");
      const client = await inFlight(program);
      for (const signal of [first, ...others]) program.kill(signal);
      await answered(client, program);
      const [stop, ...repeats] = program.report.signals;
      assert.deepEqual([stop?.effect, stop?.from], ["stop", "outside"]);
      assert.notEqual(stop?.signal, "SIGHUP");
      assert.ok(repeats.every(({ effect }) => effect === "repeat"));
      const isOther = (others as readonly string[]).some((each) => each !== first);
      // Two of one name may become one on their way.
      if (isOther) assert.ok(repeats.length > 0);
      const codes = new Set(program.report.warnings.map(({ code }) => code));
      assert.deepEqual([...codes], repeats.length > 0 ? ["signal-repeated"] : []);
    });
  }

  test("told again while the process stands still, for longer than the window: one stop", async (t) => {
    // On a busy machine what comes next comes late.
    const program = start(t, "told-again", ['{"repeatWindow":1500}']);
    const client = await inFlight(program);
    program.kill("SIGTERM");
    await program.says(/draining/);
    program.kill("SIGSTOP");
    program.kill("SIGTERM");
    await wait(2_000);
    program.kill("SIGCONT");
    await answered(client, program);
    assert.equal(program.report.signals.at(-1)?.effect, "repeat");
  });

  for (const signal of ["SIGINT", "SIGHUP", "SIGUSR2"] as const) {
    test(`only SIGTERM is listened for, and ${signal} comes soon after it: one stop`, async (t) => {
      const program = start(t, "told-again", ['{"signals":["SIGTERM"],"repeatWindow":20000}']);
      const client = await inFlight(program);
      program.kill("SIGTERM");
      await program.says(/draining/);
      program.kill(signal);
      await answered(client, program);
      assert.equal(program.report.signals.at(-1)?.effect, "repeat");
    });
  }

  test("(control: SIGINT alone, where only SIGTERM is listened for) ends the process as ever", async (t) => {
    const program = start(t, "told-again", ['{"signals":["SIGTERM"]}']);
    await inFlight(program);
    program.kill("SIGINT");
    assert.deepEqual(await program.exit, { code: null, signal: "SIGINT" });
  });

  for (const signal of ["SIGHUP", "SIGQUIT", "SIGUSR2"] as const) {
    test(`(control: ${signal} alone, which stops nothing) ends the process as ever`, async (t) => {
      const program = start(t, "told-again");
      await inFlight(program);
      program.kill(signal);
      assert.deepEqual(await program.exit, { code: null, signal });
      assert.doesNotMatch(program.stdout, /draining/);
    });
  }

  test("(control: SIGHUP alone, beside a listener that counts the others) ends the process as ever", async (t) => {
    const program = start(t, "told-again", ["{}", "counts"]);
    await inFlight(program);
    program.kill("SIGHUP");
    assert.deepEqual(await program.exit, { code: null, signal: "SIGHUP" });
  });

  test("SIGHUP during the drain, beside a listener that counts the others: it does not end the process", async (t) => {
    const program = start(t, "told-again", ["{}", "counts"]);
    const client = await inFlight(program);
    program.kill("SIGTERM");
    await program.says(/draining/);
    program.kill("SIGHUP");
    await answered(client, program);
  });

  for (const after of ["0", "700"]) {
    test(`a program that takes all listeners off and raises the signal again, after ${after} ms: one stop`, async (t) => {
      const program = start(t, "told-again", ["{}", "removes", after]);
      const client = await inFlight(program);
      program.kill("SIGTERM");
      await answered(client, program);
      assert.equal(program.report.signals.at(-1)?.from, "self");
    });
  }

  test("a program that lets nothing listen to its process: the stop is in order anyway", async (t) => {
    const program = start(t, "told-again", ["{}", "refuses"]);
    const client = await inFlight(program);
    program.kill("SIGTERM");
    const { status, body } = await client.response();
    assert.deepEqual([status, body], [200, "answered"]);
    await program.exit;
    assert.match(JSON.stringify(program.report.warnings), /internal-error.*no more listeners/);
  });

  test("a signal that the application listens for is its own, while it serves", async (t) => {
    const program = start(t, "told-again", ["{}", "reloads"]);
    const client = await inFlight(program);
    program.kill("SIGHUP");
    await program.says(/reloaded/);
    program.kill("SIGTERM");
    await answered(client, program);
  });

  test("a signal that the application listens for is its own, also during the drain", async (t) => {
    const program = start(t, "told-again", ["{}", "reloads"]);
    const client = await inFlight(program);
    program.kill("SIGTERM");
    await program.says(/later than the window/);
    program.kill("SIGHUP");
    await program.says(/reloaded/);
    await answered(client, program);
    assert.equal(program.report.signals.length, 1);
  });

  for (const [signal, code] of [
    ["SIGTERM", 143],
    ["SIGINT", 130],
    ["SIGHUP", 129],
  ] as const) {
    test(`later than the window ${signal} cuts, and the report says how long the drain was given`, async (t) => {
      const program = start(t, "told-again", ["{}", "holds"]);
      const client = await inFlight(program);
      program.kill("SIGTERM");
      await program.says(/later than the window/);
      program.kill(signal);
      assert.deepEqual(await program.exit, { code, signal: null });
      assert.equal(client.text, "");
      const { outcome, exitCode, signals, warnings } = program.report;
      assert.notEqual(outcome, "clean");
      assert.deepEqual([exitCode, signals.at(-1)?.effect], [code, "cut"]);
      const cut = warnings.find((warning) => warning.code === "signal-cut");
      assert.match(
        cut?.message ?? "",
        /came [\d.]+ m?s after SIGTERM and cut .* of the 30\.0 s budget/,
      );
    });
  }

  for (const way of ["kill", "captured", "emit", "other"]) {
    for (const [after, effect] of [
      [20, "repeat"],
      [700, "ignored"],
    ] as const) {
      test(`a signal that the process raises itself never cuts, and is named by its place (${way}, after ${after} ms)`, async (t) => {
        const program = start(t, "told-again", ["{}", way, String(after)]);
        const client = await inFlight(program);
        program.kill("SIGTERM");
        await answered(client, program);
        const [, raised, ...more] = program.report.signals;
        assert.deepEqual(more, []);
        assert.equal(raised?.from, "self");
        // On a busy machine the timer may be late.
        assert.ok(raised.effect === effect || raised.effect === "ignored", raised.effect);
        assert.match(raised.by ?? "", /told-again\.js:\d+$/);
      });
    }
  }
});

/** A program of its own folder, with packages of its own. */
function runIn(t: TestContext, files: Record<string, string>): Program {
  const folder = mkdtempSync(path.join(os.tmpdir(), "lastcall-told-"));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  symlinkSync(path.resolve(import.meta.dirname, "../../.."), `${folder}/node_modules/lastcall`);
  const child = spawn(process.execPath, ["main.mjs"], { cwd: folder });
  const started = new Program(child);
  t.after(() => child.kill("SIGKILL"));
  return started;
}

const MAIN = `
import { createServer } from "node:http";
import { lastcall } from "lastcall";
import { listen } from "@apollo/server";
import { other } from "some-framework";
const service = lastcall({ lameDuck: false });
listen();
other();
const server = service.attach(createServer((req, res) => res.end()));
server.listen(0, "127.0.0.1", () => console.log("listening " + server.address().port));
`;

const ELEVEN = `
import { createServer } from "node:https";
import { lastcall } from "lastcall";
let count = 0;
for (let n = 0; n < 11; n++) {
  const service = lastcall({ report: false, lameDuck: false });
  const reloadCertificate = { keyFile: "key.pem", certFile: "cert.pem" };
  service.attach(createServer(), { reloadCertificate }).listen(0, "127.0.0.1", () => {
    count++;
    if (count === 11) console.log("served");
  });
}
`;

const LISTENS = (name: string): string =>
  `export function ${name}() {\n  process.on("SIGTERM", () => {});\n}\n`;

test("other listeners are named by package, file and line; of known ones it is said how they are turned off", async (t) => {
  const started = runIn(t, {
    "main.mjs": MAIN,
    "node_modules/@apollo/server/package.json": '{"type":"module","exports":"./index.js"}',
    "node_modules/@apollo/server/index.js": LISTENS("listen"),
    "node_modules/some-framework/package.json": '{"type":"module","exports":"./lib/main.js"}',
    "node_modules/some-framework/lib/main.js": LISTENS("other"),
  });
  await started.port();
  started.kill("SIGTERM");
  assert.deepEqual(await started.exit, { code: 0, signal: null });
  const messages = started.report.warnings.map(({ message }) => message);
  assert.equal(messages.length, 2);
  assert.match(
    messages[0] ?? "",
    /SIGTERM: @apollo\/server \(node_modules\/@apollo\/server\/index\.js:2\)\. It is Apollo Server; .*`stopOnTerminationSignals: false`/,
  );
  assert.match(
    messages[1] ?? "",
    /SIGTERM: some-framework \(node_modules\/some-framework\/lib\/main\.js:2\)\. If it/,
  );
});

test("eleven services, each with a certificate that is read again on SIGHUP, make no warning", async (t) => {
  const started = runIn(t, { "main.mjs": ELEVEN, "node_modules/.keep": "" });
  await started.says(/served/);
  started.kill("SIGTERM");
  assert.deepEqual(await started.exit, { code: 0, signal: null });
  assert.equal(started.stderr, "");
});
