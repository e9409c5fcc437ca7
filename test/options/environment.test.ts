import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";

import { isLastcallError, type LastcallOptions } from "lastcall";
import { planBudget } from "#src/budget.js";
import { variableOf } from "#src/options/environment.js";
import { isGroup, type Row } from "#src/options/row.js";
import { readOptions, type Settings } from "#src/options/settings.js";
import { LASTCALL } from "#src/options/table.js";

import { root } from "../package/project.js";

type Environment = Readonly<Record<string, string>>;

function refusal(environment: Environment, options: LastcallOptions = {}): string {
  try {
    planBudget(readOptions(options, environment));
  } catch (error) {
    assert.ok(isLastcallError(error));
    assert.match(error.code, /^ERR_LASTCALL_(OPTION|BUDGET)$/);
    return error.message;
  }
  return assert.fail(`${JSON.stringify(environment)} was accepted`);
}

/** Every option with its row, of groups too. */
function everyRow(): [name: string, row: Row][] {
  return Object.entries(LASTCALL as unknown as Record<string, Row>).flatMap(([name, row]) => [
    [name, row] as [string, Row],
    ...(isGroup(row)
      ? Object.entries(row.members).map(([member, one]): [string, Row] => [
          `${name}.${member}`,
          one,
        ])
      : []),
  ]);
}

const READ: [
  variable: string,
  text: string,
  of: (settings: Settings) => unknown,
  value: unknown,
][] = [
  ["LASTCALL_GRACE_PERIOD", "25s", (s) => s.gracePeriod, 25_000],
  ["LASTCALL_GRACE_PERIOD", "1.5m", (s) => s.gracePeriod, 90_000],
  ["LASTCALL_LAME_DUCK", "false", (s) => s.lameDuck.max, 0],
  ["LASTCALL_LAME_DUCK", "4s", (s) => s.lameDuck.max, 4_000],
  ["LASTCALL_LAME_DUCK_MIN", "100ms", (s) => s.lameDuck.min, 100],
  ["LASTCALL_LAME_DUCK_MAX", "0ms", (s) => s.lameDuck.max, 0],
  ["LASTCALL_LAME_DUCK_FALL", "2", (s) => s.lameDuck.fall, 2],
  ["LASTCALL_ABORT_WINDOW", "900ms", (s) => s.abortWindow, 900],
  ["LASTCALL_CLOSING_WINDOW", "3s", (s) => s.closingWindow, 3_000],
  ["LASTCALL_MARGIN", "0ms", (s) => s.margin, 0],
  ["LASTCALL_TIMEOUTS_IDLE", "0s", (s) => s.timeouts.idle, 0],
  ["LASTCALL_TIMEOUTS_HEAD", "1ms", (s) => s.timeouts.head, 1],
  ["LASTCALL_TIMEOUTS_BODY", "2s", (s) => s.timeouts.body, 2_000],
  ["LASTCALL_TIMEOUTS_SEND", "2s", (s) => s.timeouts.sendServing, 2_000],
  ["LASTCALL_TIMEOUTS_SEND", "false", (s) => s.timeouts.send, Number.POSITIVE_INFINITY],
  ["LASTCALL_TIMEOUTS_GOODBYE", "2s", (s) => s.timeouts.goodbye, 2_000],
  ["LASTCALL_CLOSE_SPREAD", "0ms", (s) => s.closeSpread.ms, 0],
  ["LASTCALL_REPEAT_WINDOW", "1s", (s) => s.repeatWindow, 1_000],
  ["LASTCALL_EXIT", "false", (s) => s.exit, false],
  ["LASTCALL_DEVELOPMENT", "true", (s) => s.development, true],
  ["LASTCALL_UNCAUGHT_EXCEPTION", "drain", (s) => s.uncaughtException, "drain"],
  ["LASTCALL_CURRENT_SIGNAL", "true", (s) => s.currentSignal, true],
  ["LASTCALL_PROBES", "true", (s) => s.probes?.live, "/livez"],
  ["LASTCALL_PROBES_PORT", "9090", (s) => s.probes?.port, 9_090],
  ["LASTCALL_PROBES_READY_WHILE_DRAINING", "true", (s) => s.probes?.readyWhileDraining, true],
  ["LASTCALL_PROBES_CHECK_TIMEOUT", "2s", (s) => s.probes?.checkTimeout, 2_000],
  ["LASTCALL_PROBES_CHECK_AGE", "0ms", (s) => s.probes?.checkAge, 0],
  ["LASTCALL_UNTRACKED", "wait", (s) => s.untracked, "wait"],
  ["LASTCALL_REPORT", "false", (s) => s.report, false],
];

for (const [variable, text, of, value] of READ) {
  test(`${variable}=${text} is read, and ${variable} wins over nothing else`, () => {
    const settings = readOptions({}, { [variable]: text });
    assert.equal(of(settings), value);
    assert.deepEqual(settings.variables, [variable]);
    // Control: without the variable it is another.
    assert.notEqual(of(readOptions({}, {})), value);
  });
}

test("each option that is a number, a boolean or a word of a list has a variable, and no other has", () => {
  const read = READ.map(([variable]) => variable);
  const variables = everyRow().map(([name, row]) => variableOf(name, row));
  assert.deepEqual(new Set(variables.filter((each) => each !== undefined)), new Set(read));
  const others = everyRow().filter(([name, row]) => variableOf(name, row) === undefined);
  assert.deepEqual(others.map(([name]) => name).toSorted(), [
    "longLived",
    "name",
    "probes.checks",
    "probes.host",
    "probes.live",
    "probes.ready",
    "signals",
    "timeouts",
  ]);
});

const WRONG: [variable: string, text: string][] = [
  ["LASTCALL_GRACE_PERIOD", "25"],
  ["LASTCALL_GRACE_PERIOD", ""],
  ["LASTCALL_GRACE_PERIOD", " 25s"],
  ["LASTCALL_GRACE_PERIOD", "25 s"],
  ["LASTCALL_GRACE_PERIOD", "-25s"],
  ["LASTCALL_GRACE_PERIOD", "1h"],
  ["LASTCALL_GRACE_PERIOD", "25S"],
  ["LASTCALL_GRACE_PERIOD", "199ms"],
  ["LASTCALL_GRACE_PERIOD", "2147483648ms"],
  ["LASTCALL_GRACE_PERIOD", `${"9".repeat(400)}s`],
  ["LASTCALL_LAME_DUCK", "true"],
  ["LASTCALL_LAME_DUCK", "off"],
  ["LASTCALL_LAME_DUCK_MAX", "false"],
  ["LASTCALL_LAME_DUCK_FALL", "0"],
  ["LASTCALL_LAME_DUCK_FALL", "1.5"],
  ["LASTCALL_TIMEOUTS_HEAD", "0ms"],
  ["LASTCALL_TIMEOUTS_SEND", "0ms"],
  ["LASTCALL_TIMEOUTS_SEND", "never"],
  ["LASTCALL_EXIT", "1"],
  ["LASTCALL_EXIT", "TRUE"],
  ["LASTCALL_UNTRACKED", "ignore"],
  ["LASTCALL_UNCAUGHT_EXCEPTION", '"drain"'],
  ["LASTCALL_REPORT", "stdout"],
  ["LASTCALL_PROBES", "{}"],
  ["LASTCALL_PROBES_PORT", "65536"],
  ["LASTCALL_PROBES_PORT", "tcp://10.0.0.1:80"],
  ["LASTCALL_PROBES_PORT", "0x50"],
];

for (const [variable, text] of WRONG) {
  test(`${variable}=${text.slice(0, 20)} is refused with its name, what it takes and what it got`, () => {
    const message = refusal({ [variable]: text });
    assert.ok(
      message.startsWith(`Expected the environment variable \`${variable}\` to be `),
      message,
    );
    assert.ok(message.endsWith(`, got \`${JSON.stringify(text)}\` (string)`), message);
    // Also where the program gives the option: what it is told is wrong all the more.
    assert.equal(refusal({ [variable]: text }, { gracePeriod: 10_000, exit: false }), message);
  });
}

test("what the program says wins, each option by itself", () => {
  const environment = {
    LASTCALL_GRACE_PERIOD: "25s",
    LASTCALL_LAME_DUCK: "false",
    LASTCALL_TIMEOUTS_HEAD: "1s",
    LASTCALL_TIMEOUTS_BODY: "1s",
    LASTCALL_EXIT: "false",
  };
  const options: LastcallOptions = {
    gracePeriod: 10_000,
    lameDuck: { max: 700 },
    timeouts: { head: 2_000 },
  };
  const settings = readOptions(options, environment);
  assert.equal(settings.gracePeriod, 10_000);
  assert.equal(settings.lameDuck.max, 700);
  assert.equal(settings.timeouts.head, 2_000);
  assert.equal(settings.timeouts.body, 1_000);
  assert.equal(settings.exit, false);
});

test("an option that is given as undefined is not given", () => {
  const environment = { LASTCALL_GRACE_PERIOD: "25s", LASTCALL_TIMEOUTS_IDLE: "1ms" };
  const options = { gracePeriod: undefined, timeouts: { idle: undefined } } as object;
  const settings = readOptions(options, environment);
  assert.equal(settings.gracePeriod, 25_000);
  assert.equal(settings.timeouts.idle, 1);
});

test("the shares follow the grace period that the environment gives", () => {
  const { abortWindow, timeouts } = readOptions({}, { LASTCALL_GRACE_PERIOD: "6s" });
  assert.equal(abortWindow, 400);
  assert.equal(timeouts.head, 1_000);
});

test("a group's variable turns it off whatever its members say, and its members turn it on", () => {
  const port = { LASTCALL_PROBES_PORT: "9090" };
  assert.equal(readOptions({}, port).probes?.port, 9_090);
  assert.equal(readOptions({ probes: true }, port).probes?.port, 9_090);
  assert.equal(readOptions({ probes: { port: 1 } }, port).probes?.port, 1);
  assert.equal(readOptions({ probes: false }, port).probes, undefined);
  assert.equal(readOptions({}, { ...port, LASTCALL_PROBES: "false" }).probes, undefined);
  const both = { LASTCALL_LAME_DUCK: "4s", LASTCALL_LAME_DUCK_MIN: "1s" };
  assert.deepEqual(readOptions({}, both).lameDuck, { min: 1_000, max: 4_000, fall: 3 });
  const off = { LASTCALL_LAME_DUCK: "false", LASTCALL_LAME_DUCK_MIN: "1s" };
  assert.equal(readOptions({}, off).lameDuck.max, 0);
  assert.doesNotThrow(() => planBudget(readOptions({}, off)));
  assert.equal(readOptions({ lameDuck: { max: 500 } }, off).lameDuck.max, 500);
});

test("other variables that begin alike are left alone: Kubernetes makes some for a Service of that name", () => {
  const others = {
    LASTCALL_PORT: "tcp://10.0.0.1:80",
    LASTCALL_SERVICE_HOST: "10.0.0.1",
    LASTCALL_PROVE: "x",
  };
  assert.deepEqual(readOptions({}, others).variables, []);
});

test("windows that do not fit name the variables that had a say", () => {
  const message = refusal({ LASTCALL_GRACE_PERIOD: "1s" }, { closingWindow: 900 });
  assert.match(
    message,
    /do not fit into the grace period: .*From the environment: LASTCALL_GRACE_PERIOD$/,
  );
  const own = refusal({}, { gracePeriod: 1_000, closingWindow: 900 });
  assert.doesNotMatch(own, /environment/);
});

/** What a program of its own prints of its budget, or the code of what it could not start for. */
function run(environment: Environment): string {
  const program = `
    import { lastcall } from "lastcall";
    try {
      const service = lastcall({ signals: false, report: false });
      console.log(service.budget.gracePeriodMs, service.budget.lameDuckMs);
      service.uninstall();
    } catch (error) {
      console.log(error.code, error.message);
    }`;
  const args = ["--input-type=module", "--eval", program];
  const env = { ...process.env, ...environment };
  const { stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
    env,
    encoding: "utf8",
  });
  assert.equal(stderr, "");
  return stdout.trim();
}

test("a program takes them from its process' environment", () => {
  assert.equal(run({}), "30000 5000");
  assert.equal(run({ LASTCALL_GRACE_PERIOD: "25s", LASTCALL_LAME_DUCK: "false" }), "25000 0");
  assert.match(
    run({ LASTCALL_GRACE_PERIOD: "25" }),
    /^ERR_LASTCALL_OPTION Expected the environment variable `LASTCALL_GRACE_PERIOD` to be a duration/,
  );
});
