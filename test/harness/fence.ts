import assert from "node:assert/strict";

import { Fence } from "#src/fence.js";

/** For parts of the library that are tested alone: whatever it catches is a failure. */
export const fence = new Fence({
  applicationThrew: assert.fail,
  internalsChanged: assert.fail,
  failed: (step, { message }) => assert.fail(`${step}: ${message}`),
});
