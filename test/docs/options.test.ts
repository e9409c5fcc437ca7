// The tables of options.md are made from src/options/table.ts; whether what those rows say is true is asked here.
import assert from "node:assert/strict";
import http from "node:http";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { before, test } from "node:test";

import { lastcall, LastcallError } from "lastcall";
import { planBudget, planSpread } from "#src/budget.js";
import { isGroup, type Row } from "#src/options/row.js";
import { readOptions } from "#src/options/settings.js";
import { ATTACH, HOOK, LASTCALL, REGISTRY, TASK, WAIT_UNTIL } from "#src/options/table.js";

import { read, root } from "../package/project.js";
import { plain, readRows } from "./markdown.js";

const OPTIONS = "docs/options.md";

interface Regenerate {
  readonly isFromTables: (file: string) => boolean;
}

interface Render {
  readonly renderOptions: (name: string) => string;
}

let regenerate: Regenerate;
let render: Render;

before(async () => {
  const load = (file: string): Promise<unknown> =>
    import(pathToFileURL(path.join(root, "docs", file)).href);
  regenerate = (await load("regenerate.js")) as Regenerate;
  render = (await load("options-table.js")) as Render;
});

test("options.md has the tables that the rows make, one for each method", () => {
  assert.ok(regenerate.isFromTables(OPTIONS), "`npm run readme -- --no-runs options` writes them");
  const names = ["lastcall", "attach", "task", "waitUntil", "hook", "registry"];
  for (const name of names) assert.ok(read(OPTIONS).includes(render.renderOptions(name)), name);
  assert.ok(regenerate.isFromTables("docs/auto.md"));
  assert.ok(read("docs/auto.md").includes(render.renderOptions("auto")));
  // Control: each is another.
  assert.equal(new Set(names.map((name) => render.renderOptions(name))).size, names.length);
});

/** The names of a method's options, of groups too. */
function namesOf(rows: object): string[] {
  return Object.entries(rows as Record<string, Row>).flatMap(([name, row]) => [
    name,
    ...(isGroup(row) ? Object.keys(row.members).map((member) => `${name}.${member}`) : []),
  ]);
}

/** An object that gives one option, of a group too. */
function giving(name: string, value: unknown): object {
  const [first = "", member] = name.split(".");
  return { [first]: member === undefined ? value : { [member]: value } };
}

test("each method takes the options of its table, and no other", (t) => {
  const service = lastcall({ signals: false, report: false });
  t.after(() => service.uninstall());
  const server = http.createServer();
  const methods: [rows: object, call: (options: object) => unknown][] = [
    [LASTCALL, (options) => lastcall(options)],
    [ATTACH, (options) => service.attach(server, options)],
    [TASK, (options) => service.task("a", () => {}, options)],
    [WAIT_UNTIL, (options) => service.waitUntil(Promise.resolve(), options)],
    [HOOK, (options) => service.hook("a", () => {}, options)],
    [REGISTRY, (options) => service.registry("a", { leave: () => {} }, options)],
  ];
  for (const [rows, call] of methods) {
    for (const name of namesOf(rows)) {
      // It is judged by what takes it, in words of its own.
      if (name === "request") continue;
      assert.throws(
        () => call(giving(name, Symbol("wrong"))),
        (error) =>
          error instanceof LastcallError &&
          error.code === "ERR_LASTCALL_OPTION" &&
          error.message.includes(`Expected \`${name}\` to be`),
        name,
      );
    }
    assert.throws(() => call({ nobodyKnows: undefined }), { code: "ERR_LASTCALL_OPTION" });
  }
});

/** The rows of the table under a heading. */
function documentedIn(...sections: string[]): Map<string, string> {
  const rows = sections.flatMap((section) => readRows(OPTIONS, "option", section));
  return new Map(rows.map(([name = "", , value = ""]) => [plain(name), value]));
}

const documented = documentedIn("lastcall");

/** The default of each option, by the code, with a given grace period. */
function defaults(gracePeriod: number | undefined): Record<string, unknown> {
  const settings = readOptions(gracePeriod === undefined ? {} : { gracePeriod });
  const budget = planBudget(settings);
  const probes = readOptions({ probes: true }).probes;
  assert.ok(probes);
  return {
    name: settings.name,
    gracePeriod: settings.gracePeriod,
    "lameDuck.min": budget.lameDuckMinMs,
    "lameDuck.max": budget.lameDuckMs,
    "lameDuck.fall": settings.lameDuck.fall,
    abortWindow: budget.abortingMs,
    closingWindow: budget.closingMs,
    margin: budget.marginMs,
    "timeouts.idle": settings.timeouts.idle,
    "timeouts.head": settings.timeouts.head,
    "timeouts.body": settings.timeouts.body,
    "timeouts.send": [settings.timeouts.sendServing, settings.timeouts.send],
    closeSpread: planSpread(settings, budget),
    "timeouts.goodbye": settings.timeouts.goodbye,
    signals: settings.signals,
    exit: settings.exit,
    currentSignal: settings.currentSignal,
    longLived: settings.longLived,
    untracked: settings.untracked,
    development: settings.development,
    uncaughtException: settings.uncaughtException,
    probes: settings.probes !== undefined,
    "probes.live": probes.live,
    "probes.ready": probes.ready,
    "probes.port": probes.port,
    "probes.host": probes.host,
    "probes.readyWhileDraining": probes.readyWhileDraining,
    "probes.checks": probes.checks,
    "probes.checkTimeout": probes.checkTimeout,
    "probes.checkAge": probes.checkAge,
    report: settings.report,
    repeatWindow: settings.repeatWindow,
  };
}

const LAME_DUCK_MAX =
  "1/6 of the grace period, from 2,000 to 5,000, but half of what the other windows leave at most";

/** What a cell of the table says the default is. */
function readDefault(cell: string, gracePeriod: number): unknown {
  const [always = "", draining] = cell.split("; during the drain ");
  if (draining !== undefined)
    return [always, draining].map((each) => readDefault(each, gracePeriod));
  if (cell === "none") return undefined;
  const usual = Math.min(
    Math.max(2_000, Math.min(5_000, gracePeriod / 6)),
    gracePeriod * (11 / 30),
  );
  if (cell === LAME_DUCK_MAX) return usual;
  if (cell === "2,000, or `lameDuck.max` where that is less") return Math.min(2_000, usual);
  const share = /^1\/(\d+) of the grace period, ([\d,]+) at most$/.exec(cell);
  if (share !== null) {
    return Math.min(gracePeriod / Number(share[1]), readNumber(share[2] ?? ""));
  }
  const value = plain(cell);
  return /^[\d,]+$/.test(value) ? readNumber(value) : (JSON.parse(value) as unknown);
}

function readNumber(text: string): number {
  return Number(text.replaceAll(",", ""));
}

test("options.md has the default of every option", () => {
  for (const gracePeriod of [3_000, 12_345, 30_000, 600_000]) {
    const actual = defaults(gracePeriod);
    for (const [name, cell] of documented) {
      // Not defaults of their own: they point to others.
      if (name === "lameDuck" || name === "timeouts" || name === "gracePeriod") continue;
      assert.ok(name in actual, `no default known for ${name}`);
      const [says, is] = [readDefault(cell, gracePeriod), actual[name]];
      if (typeof says === "number" && typeof is === "number") {
        // Windows are whole milliseconds.
        assert.ok(Math.abs(says - is) < 1, `${name}: documented ${says}, is ${is}`);
      } else assert.deepEqual(says, is, name);
    }
  }
  const gracePeriod = documented.get("gracePeriod") ?? "";
  assert.equal(readDefault(gracePeriod, 0), defaults(undefined)["gracePeriod"]);
});

test("the windows in options.md are those that the budget has", () => {
  const windows = readRows(OPTIONS, "`gracePeriod`");
  assert.ok(windows.length > 0);
  for (const row of windows) {
    const [gracePeriod = 0, ...others] = row.map(readNumber);
    const { lameDuckMs, drainingMs, abortingMs, closingMs, marginMs } = planBudget(
      readOptions({ gracePeriod }),
    );
    assert.deepEqual(others, [lameDuckMs, drainingMs, abortingMs, closingMs, marginMs]);
  }
});

test("each option's comment in the source says the same default as options.md", () => {
  const sources = [
    "options/options",
    "server/listener/certificate",
    "work/tasks",
    "registries/registry-calls",
  ];
  const source = sources
    .map((file) => read(`src/${file}.ts`))
    .join("")
    .replaceAll(/\n\s*\*(?!\/)\s?/g, " ");
  for (const [name, cell] of documentedIn("lastcall", "attach", "task", "waitUntil", "registry")) {
    if (name === "lameDuck" || name === "timeouts" || cell === "required") continue;
    const said = plain(cell).replaceAll(/\s/g, "");
    const field = name.split(".").at(-1) ?? name;
    const comments = [...source.matchAll(/\/\*\*((?:(?!\*\/).)*?)\*\/\s+(\w+)\?:/gs)]
      .filter((match) => match[2] === field || (name === "lameDuck.max" && match[2] === "lameDuck"))
      .map((match) => (match[1] ?? "").replaceAll(/[\s`]/g, ""));
    const expected = name === "probes.host" ? "Default:all" : `Default:${said}`;
    assert.ok(
      comments.some((comment) => comment.includes(expected)),
      `${name}: expected its comment to end in "${expected}", got ${JSON.stringify(comments)}`,
    );
  }
});
