import assert from "node:assert/strict";
import { test } from "node:test";

import { KNOWN } from "#src/process/signals/known-listeners.js";
import { read } from "../package/project.js";

const text = read("docs/signals.md").replaceAll(/\s+/g, " ");

/** What is typed: pieces in backquotes, and names of environment variables. */
function switchesIn(off: string): string[] {
  return [...off.matchAll(/`([^`]+)`|\b([A-Z]+_[A-Z_]+=\w+)/g)].map(
    ([, code, variable]) => code ?? variable ?? "",
  );
}

test("signals.md has every listener that is known, with the switch that the warning names", () => {
  const switches = KNOWN.flatMap(({ off }) => switchesIn(off));
  assert.ok(switches.includes("NEXT_MANUAL_SIG_HANDLE=true"));
  for (const each of switches) assert.ok(text.includes(each), each);
  for (const name of ["Apollo Server", "Nest", "Next", "Nitro", "Puppeteer", "Sentry", "PM2"]) {
    assert.ok(KNOWN.some((known) => known.name.includes(name)) && text.includes(name), name);
  }
});

test("signals.md has every effect that a signal can have", () => {
  const [, effects = ""] = /export type SignalEffect = ([^;]+);/.exec(read("src/report.ts")) ?? [];
  const names = [...effects.matchAll(/"(\w+)"/g)].map(([, name = ""]) => name);
  assert.ok(names.length >= 4);
  for (const name of names) assert.ok(text.includes(`\`${name}\`:`), name);
});
