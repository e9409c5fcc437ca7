import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { test, type TestContext } from "node:test";

import { keepBound } from "../harness/measure.js";
import { Program, start } from "../harness/program.js";
import { connect, type Wire } from "../harness/wire.js";

/** Stops a program in which nothing ends by itself; resolves to the ms from the second signal on. */
async function measureForced(
  t: TestContext,
  signals: readonly [NodeJS.Signals, NodeJS.Signals],
  code: number,
): Promise<number> {
  const program = start(t, "second-signal");
  const client = await connect({ port: await program.port() });
  await client.get("/");
  await program.says(/stuck/);
  program.kill(signals[0]);
  await program.says(/draining/);
  program.kill(signals[1]);
  assert.deepEqual(await program.exit, { code, signal: null });
  // There is a report all the same.
  const { outcome, reason, registries, phases } = program.report;
  assert.equal(reason, signals[0]);
  // On a busy machine the process may have to go before the drain, which is cut short, is over.
  assert.equal(outcome, phases.at(-1)?.phase === "closed" ? "aborted" : "failed");
  assert.equal(registries[0]?.result, "aborted");
  const [, left] = await program.says(/left after ([\d.]+) ms/);
  t.diagnostic(`left ${left} ms after the second signal`);
  return Number(left);
}

for (const [first, second, code] of [
  ["SIGTERM", "SIGTERM", 143],
  ["SIGTERM", "SIGINT", 130],
  ["SIGINT", "SIGINT", 130],
] as const) {
  test(`41. second signal: out within 100 ms, exit 128+n (${first}, then ${second})`, async (t) => {
    const left = await keepBound(100, () => measureForced(t, [first, second], code));
    assert.ok(left <= 100, `left ${left} ms after the second signal`);
  });
}

test("41. second signal, and a drain that is too busy to end in time: out all the same, with one report", async (t) => {
  const program = start(t, "second-signal", ["busy"]);
  await program.port();
  program.kill("SIGTERM");
  await program.says(/draining/);
  program.child.stdout?.pause();
  program.kill("SIGTERM");
  await once(program.child, "exit");
  program.child.stdout?.resume();
  assert.deepEqual(await program.exit, { code: 143, signal: null });
  assert.equal(program.stderr.match(/"lastcall":"drain"/g)?.length, 1);
  const { outcome, warnings } = program.report;
  assert.equal(outcome, "failed");
  // The fixture's own listeners; its end is nobody else's doing.
  assert.deepEqual(
    [...new Set(warnings.map(({ code }) => code))],
    ["foreign-signal-listener", "signal-cut"],
  );
});

test("41. second signal while one of two services is done: both report, neither blames the other", async (t) => {
  const program = start(t, "two-services", ["never"]);
  await program.says(/(listening[^]*){2}/);
  const [, port] = [...program.stdout.matchAll(/listening (\d+)/g)].map(([, match]) =>
    Number(match),
  );
  const client = await connect({ port: port ?? 0 });
  await client.get("/");
  await program.says(/in flight/);
  program.kill("SIGTERM");
  await program.says(/idle is done/);
  program.kill("SIGTERM");
  assert.deepEqual(await program.exit, { code: 143, signal: null });
  assert.equal(client.text, "");
  const reports = program.stderr.split("\n").filter((line) => line.startsWith('{"lastcall"'));
  assert.deepEqual(
    reports.map((line) => {
      const { service, outcome, warnings } = JSON.parse(line) as Program["report"];
      return [service, outcome, warnings.map(({ code }) => code)];
    }),
    [
      ["idle", "clean", []],
      ["busy", "aborted", ["signal-cut"]],
    ],
  );
});

interface Outcome {
  answered: number;
  lost: number;
}

async function count(clients: Wire[]): Promise<Outcome> {
  const responses = await Promise.allSettled(clients.map((client) => client.response()));
  const answered = responses.filter(({ status }) => status === "fulfilled").length;
  return { answered, lost: clients.length - answered };
}

/** Blocks the program's event loop; meanwhile requests arrive, and then the signal. */
async function stopWhileBlocked(t: TestContext, args: string[]): Promise<Record<string, Outcome>> {
  const file = path.join(import.meta.dirname, "..", "fixtures", "blocked.js");
  const child = spawn(process.execPath, [file, ...args]);
  const program = new Program(child);
  t.after(() => child.kill("SIGKILL"));
  const target = { port: await program.port() };
  const open = (): Promise<Wire> => connect(target);
  const kept = await Promise.all(Array.from({ length: 20 }, open));
  for (const client of kept) {
    await client.get("/");
    await client.response();
  }
  const blocker = await open();
  await blocker.get("/block");
  await program.says(/blocked/);
  for (const client of kept) await client.get("/");
  // The kernel completes their handshakes; the program knows nothing of them.
  const fresh = await Promise.all(Array.from({ length: 20 }, open));
  for (const client of fresh) await client.get("/");
  program.kill("SIGTERM");
  child.stdin.end("x");
  const outcomes = {
    kept: await count(kept),
    fresh: await count(fresh),
    blocker: await count([blocker]),
  };
  for (const client of [...kept, ...fresh, blocker]) client.close();
  const { code, signal } = await program.exit;
  if (args.length === 0) assert.deepEqual({ code, signal }, { code: 0, signal: null });
  return outcomes;
}

test("43. event loop blocked 2 s at D → nothing that arrived before D is lost", async (t) => {
  assert.deepEqual(await stopWhileBlocked(t, []), {
    kept: { answered: 20, lost: 0 },
    fresh: { answered: 20, lost: 0 },
    blocker: { answered: 1, lost: 0 },
  });
});

test("43. (control: a plain server, which closes on the signal) loses what waits to be accepted", async (t) => {
  const { kept, fresh } = await stopWhileBlocked(t, ["plain"]);
  t.diagnostic(`lost: ${fresh?.lost} of 20 fresh connections, ${kept?.lost} of 20 kept alive`);
  assert.ok((fresh?.lost ?? 0) >= 15, `only ${fresh?.lost} of 20 lost`);
});

/** Commands that run a program on a terminal of its own and pass its input on, best first. */
const TERMINALS: [probe: string[], run: (command: string[]) => string[]][] = [
  [
    ["script", "--version"],
    // `exec`: a shell that stays in the foreground takes the Ctrl-C too, and its end for the program's.
    (command) => [
      "script",
      "-qec",
      `exec ${command.map((part) => `'${part}'`).join(" ")}`,
      "/dev/null",
    ],
  ],
  [
    ["python3", "-c", "import pty"],
    (command) => ["python3", "-c", "import pty, sys; pty.spawn(sys.argv[1:])", ...command],
  ],
];

function findTerminal(): ((command: string[]) => string[]) | undefined {
  const found = TERMINALS.find(([[command = "", ...args]]) => {
    const { status, stdout } = spawnSync(command, args, { encoding: "utf8" });
    // The `script` of other systems takes other options.
    return status === 0 && (command !== "script" || stdout.includes("util-linux"));
  });
  return found?.[1];
}

const onTerminal = findTerminal();

test(
  "45. SIGINT on a terminal → no lame duck",
  { skip: onTerminal === undefined && "neither util-linux' script nor python3 is here" },
  async (t) => {
    const file = path.join(import.meta.dirname, "..", "fixtures", "lame-duck.js");
    const [command = "", ...args] = onTerminal?.([process.execPath, file]) ?? [];
    const child = spawn(command, args);
    const program = new Program(child);
    t.after(() => child.kill("SIGKILL"));
    const client = await connect({ port: await program.port() });
    await client.get("/");
    await client.response();
    // What a terminal turns into SIGINT for everybody in the foreground.
    child.stdin.write("\x03");
    const [, line = ""] = await program.says(/(\{"lastcall":"drain".*\})\r?\n/);
    const report = JSON.parse(line) as Program["report"];
    assert.equal(report.reason, "SIGINT");
    assert.equal(report.outcome, "clean");
    assert.deepEqual(
      report.phases.map(({ phase }) => phase),
      ["draining", "closing", "closed"],
    );
    // An idle connection is not lingered for either.
    assert.ok(report.durationMs < 1_500, `${report.durationMs} ms`);
    assert.equal(await client.ended(), "fin");
    assert.equal((await program.exit).code, 0);
  },
);

test("45. SIGINT without a terminal → the lame duck as with any other signal", async (t) => {
  const program = start(t, "lame-duck");
  const target = { port: await program.port() };
  program.kill("SIGINT");
  await program.says(/phase lame-duck/);
  const client = await connect(target);
  await client.get("/");
  const { status, headers } = await client.response();
  assert.equal(status, 200);
  assert.equal(headers.get("connection"), "close");
  // A second one need not be waited for.
  program.kill("SIGINT");
  assert.equal((await program.exit).code, 130);
});

test("46. uncaught exception during drain → the drain goes on, the request is answered, exit 1", async (t) => {
  const program = start(t, "throws");
  const client = await connect({ port: await program.port() });
  await client.get("/");
  await program.says(/waiting/);
  program.kill("SIGTERM");
  const { status, body } = await client.response();
  assert.equal(status, 200);
  assert.equal(body, "answered");
  assert.equal(await client.ended(), "fin");
  assert.deepEqual(await program.exit, { code: 1, signal: null });
  const { outcome, warnings, requests } = program.report;
  assert.equal(outcome, "failed");
  assert.deepEqual(requests.aborted, []);
  assert.deepEqual(warnings.map(({ code, message }) => `${code}: ${message}`).toSorted(), [
    'uncaught-exception: A value that is not an Error was thrown: `"not even an error"` (string)',
    "uncaught-exception: rejected and not handled",
    "uncaught-exception: thrown in a callback",
  ]);
  // And with its stack, where whoever looks for it looks.
  assert.match(program.stderr, /Uncaught during the drain, .*Error: thrown in a callback\n\s+at /);
});

test("46. uncaught exception during drain, and a request that never ends → still bounded, exit 1", async (t) => {
  const program = start(t, "throws", ["stuck"]);
  const client = await connect({ port: await program.port() });
  await client.get("/");
  await program.says(/waiting/);
  program.kill("SIGTERM");
  await client.ended();
  assert.deepEqual(await program.exit, { code: 1, signal: null });
  const { durationMs, budget, connections } = program.report;
  assert.equal(connections.cut, 1);
  assert.ok(durationMs < budget.gracePeriodMs, `${durationMs} ms`);
});

for (const args of [["before"], ["after"], ["before", "later"], ["after", "later"]]) {
  test(`47. a foreign SIGTERM listener that calls process.exit → named in the report (registered ${args.join(", exits ")})`, async (t) => {
    const program = start(t, "foreign-exit", args);
    const client = await connect({ port: await program.port() });
    await client.get("/");
    await program.says(/in flight/);
    program.kill("SIGTERM");
    assert.deepEqual(await program.exit, { code: 1, signal: null });
    const { outcome, reason, warnings, requests } = program.report;
    assert.equal(reason, "SIGTERM");
    assert.equal(outcome, "failed");
    assert.equal(requests.inFlight, 1);
    const [listener, exit] = warnings;
    assert.equal(warnings.length, 2);
    assert.equal(listener?.code, "foreign-signal-listener");
    assert.match(
      listener?.message ?? "",
      /listener for SIGTERM: `endsTheProcess`, (registered before|.*foreign-exit\.js:\d+)/,
    );
    assert.equal(exit?.code, "foreign-exit");
    assert.match(exit?.message ?? "", /ended with code 0 .*, by .*foreign-exit\.js:\d+/);
  });
}
