import assert from "node:assert/strict";
import http from "node:http";
import { test } from "node:test";

import { lastcall, LastcallError } from "lastcall";
import { planBudget, planSpread } from "#src/budget.js";
import { readOptions } from "#src/options.js";

import { read } from "../package/project.js";
import { plain, readRows } from "./markdown.js";

const OPTIONS = "docs/options.md";
const rows = readRows(OPTIONS, "option");
const documented = new Map(rows.map(([name = "", , value = ""]) => [plain(name), value]));
const isOfHook = (name: string): boolean => name === "timeout" || name === "after";
const isOfTask = (name: string): boolean => name === "kind" || name === "onFailure";
const isOfAttach = (name: string): boolean => name.startsWith("reloadCertificate");

/** What the code takes, by its own words: the refusal of an unknown option lists all it knows. */
function knownOptions(refused: () => unknown): string[] {
  try {
    refused();
  } catch (error) {
    assert.ok(error instanceof LastcallError);
    const [, list = ""] = error.message.split("Known: ");
    return [...list.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? "");
  }
  return assert.fail("an unknown option was accepted");
}

test("options.md names every option that lastcall() takes, and no other", () => {
  const unknown = { nobodyKnows: true } as object;
  const known = [
    ...knownOptions(() => lastcall(unknown)),
    ...knownOptions(() => lastcall({ lameDuck: unknown })),
    ...knownOptions(() => lastcall({ probes: unknown })),
  ];
  const isOfAnother = (name: string): boolean =>
    isOfHook(name) || isOfTask(name) || isOfAttach(name);
  const names = [...documented.keys()].filter((name) => !isOfAnother(name));
  assert.deepEqual(names.toSorted(), known.toSorted());
});

test("options.md names every option of a hook, and no other", (t) => {
  const service = lastcall({ signals: false, report: false });
  t.after(() => service.uninstall());
  const unknown = { nobodyKnows: true } as object;
  const known = knownOptions(() => service.hook("a", () => {}, unknown));
  assert.deepEqual([...documented.keys()].filter(isOfHook).toSorted(), known.toSorted());
});

test("options.md names every option of a task, and no other", (t) => {
  const service = lastcall({ signals: false, report: false });
  t.after(() => service.uninstall());
  const unknown = { nobodyKnows: true } as object;
  const known = knownOptions(() => service.task("a", () => {}, unknown));
  assert.deepEqual([...documented.keys()].filter(isOfTask).toSorted(), known.toSorted());
});

test("options.md names every option of attach, and no other", (t) => {
  const service = lastcall({ signals: false, report: false });
  t.after(() => service.uninstall());
  const unknown = { nobodyKnows: true } as object;
  const server = http.createServer();
  const known = [
    ...knownOptions(() => service.attach(server, unknown)),
    ...knownOptions(() => service.attach(server, { reloadCertificate: unknown as never })),
  ];
  assert.deepEqual([...documented.keys()].filter(isOfAttach).toSorted(), known.toSorted());
});

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
    abortWindow: budget.abortingMs,
    closingWindow: budget.closingMs,
    margin: budget.marginMs,
    idleLinger: settings.timeouts.idle,
    headTimeout: settings.timeouts.head,
    bodyTimeout: settings.timeouts.body,
    sendTimeout: [settings.timeouts.sendServing, settings.timeouts.send],
    spread: planSpread(settings, budget),
    farewellTimeout: settings.timeouts.farewell,
    signals: settings.signals,
    exit: settings.exit,
    ambient: settings.ambient,
    untracked: settings.untracked,
    probes: settings.probes !== undefined,
    "probes.live": probes.live,
    "probes.ready": probes.ready,
    "probes.port": probes.port,
    "probes.host": probes.host,
    "probes.neutral": probes.neutral,
    report: settings.report,
  };
}

/** What a cell of the table says the default is. */
function readDefault(cell: string, gracePeriod: number): unknown {
  const [always = "", draining] = cell.split("; during the drain ");
  if (draining !== undefined)
    return [always, draining].map((each) => readDefault(each, gracePeriod));
  if (cell === "none") return undefined;
  if (cell === "2/5 of `lameDuck.max`, 2,000 at most") {
    return Math.min((gracePeriod / 6) * (2 / 5), 2_000);
  }
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
      // Not a default of its own: it points to `lameDuck.max`, and hooks have theirs in words.
      if (name === "lameDuck" || name === "gracePeriod") continue;
      if (isOfHook(name) || isOfTask(name) || isOfAttach(name)) continue;
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
  const files = ["options", "server/certificate", "work/tasks"].map((file) =>
    read(`src/${file}.ts`),
  );
  const source = files.join("").replaceAll(/\n\s*\*(?!\/)\s?/g, " ");
  for (const [name, cell] of documented) {
    if (name === "lameDuck" || cell === "required" || isOfHook(name)) continue;
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
