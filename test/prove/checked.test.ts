import assert from "node:assert/strict";
import { test } from "node:test";
import { listChecked, listTitles } from "#src/prove/findings/checked.js";
import { resolveOptions } from "#src/prove/options.js";

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
  };
  const all = listChecked(resolveOptions({ ...PLAIN, ...asked }));
  assert.ok(plain.includes("inflight/cut"));
  const groups = all.filter((id) => !plain.includes(id)).map((id) => id.split("/")[0] ?? "");
  assert.deepEqual([...new Set(groups)].toSorted(), [
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
  const titles = listTitles();
  for (const id of listChecked(resolveOptions(PLAIN))) assert.ok(titles.has(id), id);
  const during = { url: "http://127.0.0.1:1/", during: "true" };
  assert.ok(!listChecked(resolveOptions(during)).includes("inflight/cut"));
});
