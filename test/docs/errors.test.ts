import assert from "node:assert/strict";
import { test } from "node:test";

import { read } from "../package/project.js";
import { readHeadings, readUnion } from "./markdown.js";

const ERRORS = "docs/errors.md";
const isCode = (heading: string): boolean => /^(ERR_|PROVE_)|^[a-z]+-[a-z-]+$/.test(heading);

// Some are told by the process where no service can.
const known = new Set([
  ...readUnion("src/errors.ts", "ErrorCode"),
  ...readUnion("src/events.ts", "WarningCode"),
  ...readUnion("src/process-warning.ts", "ProcessWarningCode"),
  ...readUnion("src/prove/facts/errors.ts", "CannotRunCode"),
]);

test("errors.md has every error code and every warning code, and no other", () => {
  assert.ok(known.has("ERR_LASTCALL_OPTION") && known.has("foreign-exit"));
  assert.deepEqual(readHeadings(ERRORS).filter(isCode).toSorted(), [...known].toSorted());
});

test("errors.md says the cause and the remedy of each", () => {
  for (const section of read(ERRORS).split(/^### /m).slice(1)) {
    const [code = ""] = section.split("\n");
    assert.match(section, /^\*\*Cause\.\*\* \S/m, code);
    assert.match(section, /^\*\*Remedy\.\*\* \S/m, code);
  }
});
