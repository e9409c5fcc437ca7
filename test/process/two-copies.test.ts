// Two copies of the package in one process: as ES modules and as CommonJS, and twice the same from two folders.
import assert from "node:assert/strict";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import path from "node:path";
import { after, describe, test } from "node:test";

import * as own from "lastcall";

import { start } from "../harness/program.js";
import { connect } from "../harness/wire.js";
import { evaluate, root, temporaryFolder } from "../package/project.js";

type Face = typeof own;

const require = createRequire(import.meta.url);

/** The built package in another folder. */
function copy(): string {
  const folder = temporaryFolder({ after });
  cpSync(path.join(root, "dist", "lastcall"), path.join(folder, "dist", "lastcall"), {
    recursive: true,
  });
  writeFileSync(path.join(folder, "package.json"), '{"type":"module"}');
  return path.join(folder, "dist", "lastcall", "index.js");
}

const copies: Readonly<Record<string, string>> = {
  "ES modules and CommonJS": path.join(root, "dist", "cjs", "lastcall", "index.js"),
  "ES modules of two folders": copy(),
};

for (const [name, file] of Object.entries(copies)) {
  const other = require(file) as Face;

  describe(name, () => {
    test("these are two copies", () => {
      assert.notEqual(other.lastcall, own.lastcall);
      assert.notEqual(other.LastcallError, own.LastcallError);
    });

    for (const [made, asked, how] of [
      [own, other, "a service of the first, asked by the second"],
      [other, own, "a service of the second, asked by the first"],
    ] as const) {
      test(`a request has one signal, name and context: ${how}`, async (t) => {
        const service = made.lastcall({ currentSignal: true, signals: false, report: false });
        const seen: unknown[] = [];
        const server = service.attach(
          http.createServer((req, res) => {
            asked.nameRoute(req, "/orders/:id");
            const signal = asked.requestSignal(req);
            const followed = asked.anySignal([made.requestSignal(req)]);
            seen.push(signal === made.requestSignal(req), asked.currentSignal() === signal);
            seen.push(asked.currentRequest() === req);
            signal.addEventListener("abort", () => {
              seen.push(asked.isLastcallError(signal.reason), signal.reason.code);
              seen.push(followed.aborted);
              res.end("gone");
            });
            client.raw.emit("handled");
          }),
        );
        t.after(() => service.uninstall());
        t.after(() => server.close());
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        const { port } = server.address() as { port: number };
        const client = { raw: http.get({ port, host: "127.0.0.1" }) };
        client.raw.on("error", () => {});
        await new Promise((resolve) => client.raw.once("handled", resolve));
        const report = await service.abort();
        assert.deepEqual(seen, [true, true, true, true, "ERR_LASTCALL_DRAIN_ABORTED", true]);
        assert.equal(JSON.stringify(report).includes("/orders/:id"), true);
      });

      test(`one server has one owner: ${how}`, (t) => {
        const services = [made, asked].map((face) =>
          face.lastcall({ signals: false, report: false }),
        );
        t.after(() => services.forEach((each) => each.uninstall()));
        const server = services[0]?.attach(http.createServer()) as http.Server;
        const refused = (): unknown => services[1]?.attach(server);
        assert.throws(refused, (error: unknown) => {
          assert.ok(made.isLastcallError(error));
          assert.equal(error.code, "ERR_LASTCALL_ATTACHED_ELSEWHERE");
          // Why there is a function for it.
          assert.equal(error instanceof made.LastcallError, false);
          return true;
        });
      });
    }

    test("one SIGTERM drains the services of both, and the process ends once", async (t) => {
      const program = start(t, "two-copies", [file]);
      const [, ...ports] = (await program.says(/listening (\d+) (\d+) done/)).map(Number);
      const clients = await Promise.all(ports.map((port) => connect({ port })));
      await Promise.all(clients.map((client) => client.get("/")));
      await Promise.all([0, 1].map((index) => program.says(new RegExp(`in flight ${index}`))));

      program.kill("SIGTERM");

      const answers = await Promise.all(clients.map((client) => client.response()));
      assert.deepEqual(
        answers.map(({ status, body }) => [status, body]),
        [
          [200, "answered"],
          [200, "answered"],
        ],
      );
      assert.deepEqual(await program.exit, { code: 0, signal: null });
      const lines = program.stdout.split("\n");
      const count = (line: string): number => lines.filter((each) => each === line).length;
      assert.deepEqual(["flushed 0", "flushed 1", "exit 0"].map(count), [1, 1, 1]);
      assert.equal(program.stderr.match(/"lastcall":"drain"/g)?.length, 2);
      // Neither takes the other's listeners for the application's.
      assert.doesNotMatch(program.stderr, /foreign|Warning/);
    });
  });
}

test("errors of others are not lastcall's", () => {
  const strange = new Proxy({}, { get: () => assert.fail("looked at") });
  const others = [null, undefined, 1, "x", {}, new Error("x"), strange];
  assert.deepEqual(
    others.map((each) => own.isLastcallError(each)),
    others.map(() => false),
  );
  assert.ok(own.isLastcallError(new own.ClientGoneError()));
});

test("a copy that shares something else is told of, and keeps what is its own", (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(path.join(folder, "node_modules"));
  const source = (version: number): string => `
    const theirs = { version: ${version}, parts: new Map() };
    Object.defineProperty(globalThis, Symbol.for("lastcall"), { value: theirs });
    const { lastcall } = await import(${JSON.stringify(path.join(root, "dist", "index.js"))});
    lastcall({ signals: false }).uninstall();
    lastcall({ signals: false }).uninstall();
    console.log(globalThis[Symbol.for("lastcall")] === theirs, theirs.parts.size > 0);`;

  const unlike = evaluate("module", source(999), folder);
  assert.equal(unlike.stdout, "true false\n", unlike.stderr);
  assert.equal(unlike.stderr.match(/\[other-version\]/g)?.length, 1, unlike.stderr);
  assert.match(unlike.stderr, /record has version 999, this one's 1/);

  const same = evaluate("module", source(1), folder);
  assert.deepEqual([same.stdout, same.stderr], ["true true\n", ""]);
});
