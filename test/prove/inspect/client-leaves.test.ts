import assert from "node:assert/strict";
import path from "node:path";
import { describe, test } from "node:test";
import { brief, inspect, installFixtures, readBlames } from "./inspect-fixture.js";

const CALLS: Readonly<Record<string, string>> = {
  timer: "setTimeout",
  loop: "setTimeout",
  interval: "setInterval",
  get: "http.get",
  fetch: "fetch",
  socket: "net.connect",
  file: "fs.createReadStream",
  readfile: "fs.readFile",
  spawn: "child_process.spawn",
  exec: "child_process.exec",
  worker: "new Worker",
  query: "database Pool.query",
  body: "setTimeout",
  upload: "fs.createWriteStream",
};

// They mostly wait.
describe("inspect: clients leave", { concurrency: true }, () => {
  test("what handlers go on with when their clients have left is named with its call and its line", async (t) => {
    const folder = await installFixtures(t);
    const blames = await readBlames("ignores");
    const plain = Object.keys(CALLS).filter((name) => name !== "upload" && name !== "body");
    const inspection = await inspect(t, "client-leaves", {
      command: [process.execPath, path.join(folder, "ignores.js")],
      slow: [...plain.map((name) => `GET /${name}`), "POST /body hello"],
      uploads: ["POST /upload"],
    });

    const expected = Object.entries(CALLS).map(
      ([name, call]) => `${name} ${call} ignores.ts:${String(blames.get(name))}`,
    );
    assert.deepEqual(brief(inspection), expected.sort());
    assert.equal(blames.size, Object.keys(CALLS).length);
    assert.equal(inspection.judged.length, Object.keys(CALLS).length);
    const timer = inspection.entries.find(({ route }) => route === "GET /timer");
    assert.equal(timer?.source.in, "buildReport");
    assert.deepEqual(
      timer?.callers.map((caller) => caller.in),
      ["buildReport", "timer"],
    );
    for (const { livedMs } of inspection.entries) assert.ok(livedMs >= 300, String(livedMs));
  });

  test("handlers that hand the signal on leave nothing, nor does what requests share", async (t) => {
    const folder = await installFixtures(t);
    const others = ["upload", "body", "worker"];
    const same = Object.keys(CALLS).filter((name) => !others.includes(name));
    const names = [...same, "pooled", "shared", "unref"];
    const inspection = await inspect(t, "client-leaves", {
      command: [process.execPath, path.join(folder, "notices.js")],
      slow: names.map((name) => `GET /${name}`),
      uploads: ["POST /upload"],
    });

    assert.deepEqual(brief(inspection), []);
    assert.equal(inspection.judged.length, names.length + 1);
  });
});
