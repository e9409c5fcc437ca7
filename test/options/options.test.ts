import assert from "node:assert/strict";
import { test } from "node:test";

import { lastcall, LastcallError } from "lastcall";
import { readOptions } from "#src/options/settings.js";

import { QUIET } from "../harness/serve.js";

/** What options of the wrong kind are answered with. */
function refusal(options: unknown): LastcallError {
  try {
    lastcall(options as never).uninstall();
  } catch (error) {
    assert.ok(error instanceof LastcallError, `not typed: ${String(error)}`);
    return error;
  }
  assert.fail("the options were accepted");
}

const TIMES = [
  "gracePeriod",
  "margin",
  "abortWindow",
  "closingWindow",
  "closeSpread",
  "repeatWindow",
  "lameDuck.min",
  "lameDuck.max",
  "timeouts.idle",
  "timeouts.head",
  "timeouts.body",
  "timeouts.send",
  "timeouts.goodbye",
  "probes.checkTimeout",
  "probes.checkAge",
];

/** An option by its name, of a group too: `timeouts.send`. */
function option(name: string, value: unknown): object {
  const [first = "", inner] = name.split(".");
  return { [first]: inner === undefined ? value : { [inner]: value } };
}

const NO_TIME: [unknown, string][] = [
  [-1, "`-1` (number)"],
  [Number.NaN, "`NaN` (number)"],
  [Number.POSITIVE_INFINITY, "`Infinity` (number)"],
  [2 ** 31, "`2147483648` (number)"],
  ["5s", '`"5s"` (string)'],
  [5n, "`5` (bigint)"],
  [null, "`null`"],
  [{}, "an object (Object)"],
];

for (const name of TIMES) {
  test(`\`${name}\` takes milliseconds and nothing else`, () => {
    for (const [value, got] of NO_TIME) {
      const { code, message } = refusal(option(name, value));
      assert.equal(code, "ERR_LASTCALL_OPTION");
      assert.match(
        message,
        new RegExp(
          `^Expected \`${name.replace(".", "\\.")}\` to be a number of milliseconds from `,
        ),
      );
      assert.ok(message.endsWith(`, got ${got}`), message);
    }
  });
}

test("a timeout of 0 is refused: elsewhere it means never, here it would mean at once", () => {
  for (const name of ["timeouts.head", "timeouts.body", "timeouts.send", "timeouts.goodbye"]) {
    const { code, message } = refusal(option(name, 0));
    assert.equal(code, "ERR_LASTCALL_OPTION");
    assert.match(message, /from 1 to/);
  }
});

const WRONG: [string, unknown, RegExp][] = [
  ["options", null, /^Expected `options` to be an object, got `null`$/],
  ["options", 30_000, /^Expected `options` to be an object, got `30000` \(number\)$/],
  ["options", [], /^Expected `options` to be an object, got an array of 0$/],
  ["name", { name: "" }, /^Expected `name` to be a string that is not empty, got `""` \(string\)$/],
  ["name", { name: 1 }, /^Expected `name` to be a string/],
  ["lameDuck", { lameDuck: true }, /^Expected `lameDuck` to be false or an object, got `true`/],
  ["lameDuck", { lameDuck: 5_000 }, /^Expected `lameDuck` to be false or an object/],
  ["lameDuck.min", { lameDuck: { min: "1s" } }, /^Expected `lameDuck\.min` to be a number/],
  ["lameDuck.max", { lameDuck: { max: -1 } }, /^Expected `lameDuck\.max` to be a number/],
  ["signals", { signals: true }, /^Expected `signals` to be false or an array of signal names/],
  ["signals", { signals: "SIGTERM" }, /^Expected `signals` to be/],
  ["signals", { signals: ["TERM"] }, /^Expected `signals` to be names .* got `"TERM"`/],
  ["signals", { signals: [["SIGTERM"]] }, /^Expected `signals` to be/],
  ["signals", { signals: ["SIGTERM", "SIGNONE"] }, /, got `"SIGNONE"`/],
  ["signals", { signals: ["SIGKILL"] }, /, got `"SIGKILL"`/],
  ["signals", { signals: ["SIGSTOP"] }, /, got `"SIGSTOP"`/],
  ["exit", { exit: 0 }, /^Expected `exit` to be a boolean, got `0` \(number\)$/],
  ["probes", { probes: "/readyz" }, /^Expected `probes` to be a boolean or an object/],
  ["probes.live", { probes: { live: "livez" } }, /^Expected `probes\.live` to be a path/],
  ["probes.ready", { probes: { ready: "/livez" } }, /^Expected `probes\.ready` to be another path/],
  ["probes.port", { probes: { port: 65_536 } }, /^Expected `probes\.port` to be a port/],
  ["probes.port", { probes: { port: "80" } }, /^Expected `probes\.port` to be a port/],
  ["probes.host", { probes: { host: 1 } }, /^Expected `probes\.host` to be a string/],
  [
    "probes.readyWhileDraining",
    { probes: { readyWhileDraining: 1 } },
    /^Expected `probes\.readyWhileDraining` to be a boolean/,
  ],
  ["timeouts", { timeouts: 5_000 }, /^Expected `timeouts` to be an object, got `5000` \(number\)$/],
  ["timeouts", { timeouts: null }, /^Expected `timeouts` to be an object, got `null`$/],
  ["timeouts", { timeouts: false }, /^Expected `timeouts` to be an object/],
  ["report", { report: "stdout" }, /^Expected `report` to be "stderr", false or a function/],
];

test("an option of the wrong kind is refused with its name, what it takes and what it got", () => {
  for (const [name, options, message] of WRONG) {
    const error = refusal(options);
    assert.equal(error.code, "ERR_LASTCALL_OPTION", name);
    assert.match(error.message, message);
  }
});

test("an unknown option is refused, with those that are known", () => {
  for (const [options, name] of [
    [{ gracePeriodMs: 30_000 }, "gracePeriodMs"],
    [{ timeout: undefined }, "timeout"],
    [{ lameDuck: { most: 1 } as object }, "lameDuck.most"],
    [{ probes: { path: "/" } }, "probes.path"],
    [{ timeouts: { headers: 1 } }, "timeouts.headers"],
  ] as const) {
    const { code, message } = refusal(options);
    assert.equal(code, "ERR_LASTCALL_OPTION");
    assert.match(message, new RegExp(`^Unknown option \`${name}\`\\. Known: \``));
  }
});

test("what is refused leaves nothing behind on the process", () => {
  const before = process.listenerCount("SIGTERM");
  for (const [, options] of WRONG) refusal(options);
  assert.equal(process.listenerCount("SIGTERM"), before);
});

test("every option has a default, and the caller's object stays as it was", () => {
  const options = Object.freeze({ ...QUIET, lameDuck: Object.freeze({}) });
  const service = lastcall(options);
  assert.deepEqual(service.budget, {
    gracePeriodMs: 30_000,
    lameDuckMs: 5_000,
    lameDuckMinMs: 2_000,
    drainingMs: 17_000,
    abortingMs: 2_000,
    closingMs: 5_000,
    marginMs: 1_000,
  });
  service.uninstall();
});

test("`timeouts.send` holds for both, serving and draining; false means never", () => {
  const send = (send: number | false) => readOptions({ timeouts: { send } }).timeouts;
  assert.equal(send(700).send, 700);
  assert.equal(send(700).sendServing, 700);
  assert.equal(send(false).send, Number.POSITIVE_INFINITY);
  assert.equal(send(false).sendServing, Number.POSITIVE_INFINITY);
});
