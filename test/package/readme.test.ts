import assert from "node:assert/strict";
import { test } from "node:test";
import { read } from "./project.js";

test("the README names the two commands, and CI runs the test command as it stands there", () => {
  assert.match(read("README.md"), /npm ci && npm start/);
  assert.match(read("README.md"), /npm ci && npm test/);
  assert.match(read(".ci/run"), /bash -c "npm ci && npm test"/);
});
