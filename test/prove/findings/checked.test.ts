import assert from "node:assert/strict";
import { test } from "node:test";
import { CATALOGUE } from "#src/prove/findings/catalogue.js";
import { listChecked } from "#src/prove/findings/checked.js";
import { resolveOptions } from "#src/prove/options/resolve.js";

const PLAIN = { command: ["x"] };

test("checked: what nobody asked for was not looked for", () => {
  const plain = listChecked(resolveOptions(PLAIN));
  const asked = {
    uploads: ["POST /up"],
    expecting: ["POST /up"],
    pipelined: ["GET /"],
    stalled: ["GET /large"],
    websockets: ["/live"],
    h2: ["GET /"],
    readiness: "/readyz",
    liveness: "/livez",
    secondSignal: 100,
    inspect: true,
    effects: "true",
  };
  const all = listChecked(resolveOptions({ ...PLAIN, ...asked }));
  assert.ok(plain.includes("inflight/cut"));
  const groups = all.filter((id) => !plain.includes(id)).map((id) => id.split("/")[0] ?? "");
  assert.deepEqual([...new Set(groups)].toSorted(), [
    "effects",
    "expect",
    "handler",
    "http2",
    "pipeline",
    "probe",
    "reader",
    "readiness",
    "second-signal",
    "upload",
    "websocket",
    "work",
  ]);
});

test("checked: every id is in the catalogue, and a rollout is not judged as a stop", () => {
  const known = new Set(CATALOGUE.map(({ id }) => id));
  for (const id of listChecked(resolveOptions(PLAIN))) assert.ok(known.has(id), id);
  const during = { url: "http://127.0.0.1:1/", during: "true" };
  assert.ok(!listChecked(resolveOptions(during)).includes("inflight/cut"));
});
