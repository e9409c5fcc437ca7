import assert from "node:assert/strict";
import path from "node:path";
import { describe, test } from "node:test";
import { NotInspectedError } from "#src/prove/inspect/errors.js";
import { brief, inspect, installFixtures, readBlames } from "./inspect-fixture.js";

// They mostly wait.
describe("inspect: processes", { concurrency: true }, () => {
  test("every process of a cluster is asked, and what its requests share is nobody's", async (t) => {
    const folder = await installFixtures(t);
    const blames = await readBlames("cluster");
    const inspection = await inspect(t, "client-leaves", {
      command: [process.execPath, path.join(folder, "cluster.js")],
      slow: ["GET /slow"],
    });

    const line = `slow setTimeout cluster.ts:${String(blames.get("slow"))}`;
    assert.deepEqual([...new Set(brief(inspection))], [line]);
  });

  test("a server in a worker thread is asked too", async (t) => {
    const folder = await installFixtures(t);
    const blames = await readBlames("gives-up");
    const start = `new (require("node:worker_threads").Worker)(process.argv[1])`;
    const inspection = await inspect(t, "client-leaves", {
      command: [process.execPath, "-e", start, path.join(folder, "gives-up.js")],
      slow: ["GET /ignores"],
    });

    const line = `ignores setTimeout gives-up.ts:${String(blames.get("ignores"))}`;
    assert.deepEqual([...new Set(brief(inspection))], [line]);
  });

  test("streams of HTTP/2 are told apart", async (t) => {
    const folder = await installFixtures(t);
    const blames = await readBlames("http2");
    const inspection = await inspect(t, "client-leaves", {
      command: [process.execPath, path.join(folder, "http2.js")],
      h2: ["GET /", "GET /ignores", "GET /notices"],
      requests: undefined as never,
    });

    const line = String(blames.get("ignores"));
    assert.deepEqual(brief(inspection), [`ignores setTimeout http2.ts:${line}`]);
    assert.deepEqual(inspection.judged, ["GET /ignores", "GET /notices"]);
    const answered = await inspect(t, "after-answer", {
      command: [process.execPath, path.join(folder, "http2.js")],
      h2: ["GET /", "POST / hello"],
      requests: undefined as never,
    });
    assert.deepEqual(answered.judged, ["GET /", "POST /"]);
  });

  test("a shell in between and the service's own NODE_OPTIONS change nothing", async (t) => {
    const folder = await installFixtures(t);
    const blames = await readBlames("gives-up");
    const inspection = await inspect(t, "client-leaves", {
      command: ["sh", "-c", `"$0" "${path.join(folder, "gives-up.js")}"; true`, process.execPath],
      env: { ...process.env, NODE_OPTIONS: "--enable-source-maps --require=node:path" },
      slow: ["GET /ignores"],
    });

    const line = String(blames.get("ignores"));
    assert.deepEqual(brief(inspection), [`ignores setTimeout gives-up.ts:${line}`]);
  });

  test("without a Node process that has the preload there is one clear sentence", async (t) => {
    const folder = await installFixtures(t);
    const command = [
      "env",
      "-u",
      "NODE_OPTIONS",
      process.execPath,
      path.join(folder, "gives-up.js"),
    ];
    await assert.rejects(inspect(t, "client-leaves", { command }), (error) => {
      assert.ok(error instanceof NotInspectedError);
      assert.equal(error.message, "inspect: no Node process answered");
      return true;
    });
  });
});
