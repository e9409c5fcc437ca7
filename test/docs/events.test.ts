import assert from "node:assert/strict";
import { test } from "node:test";

import { plain, readMembers, readRows } from "./markdown.js";

/** The fields of an event: written out in its type, or those of the report's part that it is. */
function readFields(type: string): string[] {
  if (!type.startsWith("{")) return readMembers("src/report.ts", type).map(([name]) => name);
  return [...type.matchAll(/(\w+)\??:/g)].map((match) => match[1] ?? "");
}

test("events.md has every event with its fields, and no other", () => {
  const documented = readRows("docs/events.md", "event").map(([name = "", fields = ""]) => [
    plain(name),
    plain(fields).split(", ").toSorted(),
  ]);
  const known = readMembers("src/events.ts", "ServiceEvents").map(([name, type]) => [
    name,
    readFields(type).toSorted(),
  ]);
  assert.ok(known.length > 0);
  assert.deepEqual(Object.fromEntries(documented), Object.fromEntries(known));
});
