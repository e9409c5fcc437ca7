import assert from "node:assert/strict";
import http from "node:http";
import net from "node:net";
import { test } from "node:test";
import vm from "node:vm";

import {
  ClientGoneError,
  DrainAbortedError,
  lastcall,
  LastcallError,
  type ErrorCode,
} from "lastcall";

import { describe, toError } from "#src/errors.js";

import { Hold } from "./harness/hold.js";
import { listen, QUIET, serve } from "./harness/serve.js";
import { connect, tryConnect } from "./harness/wire.js";

/** Expects a typed error with a code, thrown at once. */
function refuses(code: ErrorCode, message: RegExp, attempt: () => unknown): void {
  assert.throws(attempt, (error) => {
    assert.ok(error instanceof LastcallError, `not typed: ${String(error)}`);
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  });
}

test("every error is a LastcallError with a name and a code", () => {
  for (const [error, name, code] of [
    [new LastcallError("ERR_LASTCALL_OPTION", "x"), "LastcallError", "ERR_LASTCALL_OPTION"],
    [new ClientGoneError(), "ClientGoneError", "ERR_LASTCALL_CLIENT_GONE"],
    [new DrainAbortedError(1_999.6), "DrainAbortedError", "ERR_LASTCALL_DRAIN_ABORTED"],
  ] as const) {
    assert.ok(error instanceof LastcallError);
    assert.ok(error instanceof Error);
    assert.equal(error.name, name);
    assert.equal(error.code, code);
  }
  assert.match(new DrainAbortedError(1_999.6).message, /in 2000 ms$/);
});

test("a value is described with its type, whatever it is", () => {
  const nameless = Object.create(null) as object;
  for (const [value, text] of [
    [0, "`0` (number)"],
    [Number.NaN, "`NaN` (number)"],
    ["5s", '`"5s"` (string)'],
    [undefined, "`undefined`"],
    [null, "`null`"],
    [true, "`true` (boolean)"],
    [Symbol("x"), "`Symbol(x)` (symbol)"],
    [[1, 2], "an array of 2"],
    [new Date(0), "an object (Date)"],
    [nameless, "an object (no prototype)"],
    [{ constructor: null }, "an object (no prototype)"],
  ] as const) {
    assert.equal(describe(value), text);
  }
});

test("whatever is thrown becomes an Error that keeps it", () => {
  const error = new TypeError("boom");
  assert.equal(toError(error), error);
  const foreign = vm.runInNewContext('new TypeError("elsewhere")') as Error;
  assert.equal(toError(foreign).message, "elsewhere");
  const odd = Object.assign(new Error("x"), { message: 5n });
  assert.match(toError(odd).message, /an object \(Error\)$/);
  const made = toError("boom");
  assert.equal(made.message, 'A value that is not an Error was thrown: `"boom"` (string)');
  assert.equal(made.cause, "boom");
  assert.equal(toError(undefined).message, "A value that is not an Error was thrown: `undefined`");
});

test("what is no HTTP server is not attached", (t) => {
  const service = lastcall(QUIET);
  t.after(() => service.uninstall());
  for (const [server, got] of [
    [undefined, /got `undefined`$/],
    [{}, /got an object \(Object\)$/],
    [net.createServer(), /got an object \(Server\)$/],
    [new http.Agent(), /got an object \(Agent\)$/],
  ] as const) {
    refuses("ERR_LASTCALL_SERVER", got, () => service.attach(server as never));
  }
});

test("a server has one owner; attaching it to the same again changes nothing", async (t) => {
  const service = lastcall(QUIET);
  const other = lastcall({ ...QUIET, lameDuck: false });
  t.after(() => other.abort());
  const server = service.attach(http.createServer((_, res) => res.end("ok")));
  const target = { port: await listen(server) };
  assert.equal(service.attach(server), server);
  refuses("ERR_LASTCALL_ATTACHED_ELSEWHERE", /another service/, () => other.attach(server));
  const client = await connect(target);
  await client.get("/");
  assert.equal((await client.response()).body, "ok");
  // Once its owner has let go, another may have it.
  service.uninstall();
  assert.equal(other.attach(server), server);
  await other.drain();
  assert.equal(server.listening, false);
});

test("attach, hook, registry and task are refused when the drain is over; before, they end a start in order", async (t) => {
  const hold = new Hold();
  const { service, target } = await serve(t, hold.app);
  const client = await connect(target);
  await client.get("/");
  const { res } = await hold.next();
  const late = http.createServer();
  const attempts = [
    () => service.attach(late),
    () => service.hook("late", () => {}),
    () => service.registry("late", { leave: () => {} }),
    () => service.task("late", () => {}),
  ];
  const drained = service.drain();
  for (const attempt of attempts) attempt();
  late.listen(0, () => assert.fail("it listens"));
  res.end("ok");
  assert.equal((await client.response()).body, "ok");
  const { outcome, hooks, registries, warnings } = await drained;
  assert.equal(outcome, "clean");
  assert.deepEqual(
    hooks.map(({ kind, result }) => `${kind} ${result}`),
    ["closing done"],
  );
  assert.deepEqual(
    registries.map(({ name, result }) => `${name} ${result}`),
    ["late left"],
  );
  assert.deepEqual(
    warnings.map((warning) => warning.code),
    ["late-start", "late-start"],
  );
  const never = http.createServer();
  attempts[0] = () => service.attach(never);
  for (const attempt of attempts) refuses("ERR_LASTCALL_STOPPING", /phase `closed`/, attempt);
  // The server that was refused is nobody's: it serves as any other.
  const port = await listen(never);
  assert.equal(await tryConnect({ port }), "connected");
  never.close();
});

test("an uninstalled service says so", () => {
  const service = lastcall(QUIET);
  service.uninstall();
  service.uninstall();
  refuses("ERR_LASTCALL_UNINSTALLED", /attach a server/, () => service.attach(http.createServer()));
  refuses("ERR_LASTCALL_UNINSTALLED", /register the hook `x`/, () => service.hook("x", () => {}));
  refuses("ERR_LASTCALL_UNINSTALLED", /start the task `x`/, () => service.task("x", () => {}));
  refuses("ERR_LASTCALL_UNINSTALLED", /drain/, () => service.drain());
  refuses("ERR_LASTCALL_UNINSTALLED", /drain/, () => service.abort());
});

test("hooks, tasks, promises and listeners of the wrong kind are refused at once", (t) => {
  const service = lastcall(QUIET);
  t.after(() => service.uninstall());
  const argument = "ERR_LASTCALL_ARGUMENT";
  refuses(argument, /^Expected `name` to be a string/, () => service.hook("", () => {}));
  refuses(argument, /^Expected `name`/, () => service.hook(1 as never, () => {}));
  refuses(argument, /^Expected `run` to be a function/, () => service.hook("x", 1 as never));
  refuses(argument, /^Expected `calls`/, () => service.registry("x", undefined as never));
  refuses(argument, /^Expected `leave` to be a function/, () => service.registry("x", {} as never));
  const leave = (): void => {};
  refuses(argument, /^Expected `beat`/, () => service.registry("x", { leave, beat: 1 } as never));
  refuses(argument, /^Unknown function `exit`/, () =>
    service.registry("x", { leave, exit: leave } as never),
  );
  refuses(argument, /^Expected `name`/, () => service.registry("", { leave }));
  refuses(argument, /^Expected `run`/, () => service.task("x", Promise.resolve() as never));
  refuses(argument, /^Expected `promise` to be a promise, got a function/, () =>
    service.waitUntil((async () => {}) as never),
  );
  refuses(argument, /^Expected `promise`/, () => service.waitUntil(undefined as never));
  refuses(argument, /^Expected `name`/, () => service.waitUntil(Promise.resolve(), ""));
  refuses(argument, /^Expected `listener` to be a function/, () =>
    service.on("phase", undefined as never),
  );
  refuses(argument, /^Expected `event` to be one of `phase`, .*, got `"drained"` \(string\)$/, () =>
    service.on("drained" as never, () => {}),
  );
});
