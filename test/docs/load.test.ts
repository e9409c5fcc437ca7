import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";

import { root } from "../package/project.js";
import { planOf, plans } from "./load/plans.js";
import { findLeaks } from "./load/run.js";
import { samples } from "./samples.js";

const shown = samples.filter(({ name }) => !name.startsWith("docs/findings/"));

test("every plan is for a sample that is there, and every exception names a test that is there", () => {
  const names = new Set(shown.map(({ name }) => name));
  for (const [name, plan] of Object.entries(plans)) {
    assert.ok(names.has(name), `no document has the sample "${name}"`);
    if ("why" in plan) assert.ok(existsSync(path.join(root, plan.tested)), plan.tested);
  }
});

describe("clients come and go, and leave nothing in", { concurrency: 2 }, () => {
  for (const sample of shown) {
    const { name, text } = sample;
    const plan = planOf(sample);
    if ("why" in plan || !name.includes(process.env["SAMPLE"] ?? "")) continue;
    test(name, async () => {
      const leaks = await findLeaks(name, text, plan);
      assert.deepEqual(leaks, []);
    });
  }
});

// As docs/long-lived.md showed it once: a listener and a response for every client that had long gone.
const LEAKING = `
import http from "node:http";
import { lastcall } from "lastcall";

const service = lastcall();
const app = (req, res) => {
  res.writeHead(200, { "Content-Type": "text/event-stream" });
  res.write("data: now\\n\\n");
  const end = () => res.end();
  if (service.stopping.aborted) end();
  else service.stopping.addEventListener("abort", end);
};
service.attach(http.createServer(app)).listen(3000);
`;

test("an event stream that leaves its listener behind is found, and its memory too", async () => {
  const leaks = await findLeaks("leaking stream", LEAKING, { clients: "streams", count: 1_000 });
  assert.match(leaks.join("; "), /1000 more listeners on service.stopping/);
  assert.match(leaks.join("; "), /the heap has grown by \d+ bytes/);
});
