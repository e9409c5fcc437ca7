// The twenty lines of docs/registries.md, as they stand there, against a registry of which everything is known.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

import { lastcall, type RegistryCalls } from "lastcall";

import { samples } from "../docs/samples.js";
import { listen, QUIET } from "../harness/serve.js";
import { withResolvers } from "../harness/wire.js";

type Entry = (url: string, options: { ttl: number; address: string }) => RegistryCalls;

test("the page's own registry is entered, kept, left and gone", async (t) => {
  const sample = samples.find(({ name }) => name.endsWith("§ One's own in twenty lines"));
  const folder = mkdtempSync(path.join(os.tmpdir(), "own-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = path.join(folder, "own.mjs");
  writeFileSync(file, sample?.text ?? "");
  const { entry } = (await import(pathToFileURL(file).href)) as { entry: Entry };

  const methods: string[] = [];
  const beaten = withResolvers<void>();
  let isListed = false;
  const server = http.createServer((req, res) => {
    methods.push(req.method ?? "");
    if (req.method === "PUT") isListed = true;
    if (req.method === "DELETE") isListed = false;
    if (methods.filter((each) => each === "PUT").length === 3) beaten.resolve();
    res.writeHead(isListed || req.method !== "GET" ? 200 : 404).end("{}");
  });
  const url = `http://127.0.0.1:${await listen(server)}/entry`;
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const service = lastcall({ ...QUIET, lameDuck: { min: 200, max: 200 } });
  t.after(() => service.abort());
  service.registry("own", entry(url, { ttl: 300, address: "127.0.0.1" }), { ttl: 300 });
  await listen(service.attach(http.createServer()));
  await beaten.promise;
  assert.equal(isListed, true);
  const { registries } = await service.drain();
  assert.equal(isListed, false);
  assert.equal(registries[0]?.result, "left");
  assert.equal(typeof registries[0].goneMs, "number");
  const after = methods.slice(methods.indexOf("DELETE"));
  assert.ok(!after.includes("PUT"), "no beat after the leave");
});
