import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { chooseRequests } from "#src/prove/traffic/choose.js";
import { readTraffic } from "#src/prove/traffic/read.js";
import { root } from "../package/project.js";

test("the shop's .http file is read as documented: its safe requests, and an order only when it is named", async () => {
  const file = path.join(root, "examples", "shop", "shop.http");
  const traffic = await readTraffic("http", file, {});
  const sent = (named: readonly string[]): string[] =>
    chooseRequests([traffic], { named, unsafe: false }).requests.map(
      ({ method, path: at, weight }) => `${method} ${at} × ${String(weight)}`,
    );
  const safe = ["GET /products × 5", "GET /products/2 × 3", "GET /products/none × 1"];
  assert.deepEqual(sent([]), safe);
  assert.deepEqual(sent(["POST /orders"]), [...safe, "POST /orders × 1"]);
  assert.deepEqual(traffic.notes, []);
});
