import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { test, type TestContext } from "node:test";

import { findFreePort } from "#src/prove/machine/port.js";
import { connect } from "../harness/wire.js";
import { Program } from "../harness/program.js";
import { root, temporaryFolder } from "../package/project.js";

interface Shop {
  readonly program: Program;
  readonly port: number;
  readonly data: string;
  readonly url: (route: string) => string;
}

/** Starts the shop with lastcall, and waits until it answers. */
async function open(t: TestContext): Promise<Shop> {
  const data = temporaryFolder(t);
  const port = await findFreePort();
  const child = spawn(process.execPath, [path.join(root, "examples", "shop", "with.js")], {
    env: { ...process.env, PORT: String(port), SHOP_DATA: data },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const program = new Program(child);
  t.after(async () => {
    child.kill("SIGKILL");
    await program.exit;
  });
  const shop = { program, port, data, url: (route: string) => `http://127.0.0.1:${port}${route}` };
  for (;;) {
    assert.equal(child.exitCode, null, program.stderr);
    try {
      await fetch(shop.url("/products"));
      return shop;
    } catch {
      // It does not listen yet, and it says nothing when it does.
      await sleep(20);
    }
  }
}

function readOrders({ data }: Shop): string[] {
  const text = readFileSync(path.join(data, "orders.ndjson"), "utf8");
  return text
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as { id: string }).id);
}

function order(id: string, more: object = {}): RequestInit & { body: string } {
  return {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ id, product: "2", quantity: 1, ...more }),
  };
}

test("the shop answers: products, orders in the journal, uploads on disk, a streamed export", async (t) => {
  const shop = await open(t);
  const statusOf = async (route: string, init?: RequestInit): Promise<number> => {
    const response = await fetch(shop.url(route), init);
    await response.arrayBuffer();
    return response.status;
  };
  assert.equal(await statusOf("/products/2"), 200);
  assert.equal(await statusOf("/products/99"), 404);
  assert.equal(await statusOf("/orders", order("one")), 201);
  assert.deepEqual(readOrders(shop), ["one"]);
  assert.equal(await statusOf("/orders", order("../../etc")), 400);
  assert.equal(await statusOf("/orders", order("two", { product: "99" })), 400);
  assert.equal(await statusOf("/orders", order("two", { quantity: 0 })), 400);
  assert.equal(await statusOf("/orders", { ...order("two"), body: '{"id":' }), 400);
  assert.deepEqual(readOrders(shop), ["one"]);

  const body = Buffer.alloc(300_000, "lastcall ");
  const uploaded = await fetch(shop.url("/uploads"), { method: "POST", body });
  const sha256 = createHash("sha256").update(body).digest("hex");
  assert.deepEqual(await uploaded.json(), { size: body.length, sha256 });
  const [file = ""] = readdirSync(path.join(shop.data, "uploads"));
  assert.deepEqual(readFileSync(path.join(shop.data, "uploads", file)), body);

  const exported = await (await fetch(shop.url("/export"))).text();
  assert.equal(exported.trimEnd().split("\n").length, 50);
});

test("the shop stops with a report, an order and an upload in flight, and all three are answered", async (t) => {
  const shop = await open(t);
  const report = await connect(shop);
  await report.get("/report");
  const ordering = await connect(shop);
  const { body } = order("last");
  await ordering.send(
    `POST /orders HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`,
  );
  const upload = await connect(shop);
  await upload.send("POST /uploads HTTP/1.1\r\nHost: shop\r\nContent-Length: 10\r\n\r\n12345");
  // A round trip on another connection: the server has had its turn to read what came before.
  const barrier = await connect(shop);
  await barrier.get("/products");
  await barrier.response();

  shop.program.kill("SIGTERM");
  // Not before the signal was seen: from then on every answer says close.
  let seen: string | undefined;
  while (seen !== "close") {
    const response = await fetch(shop.url("/products"));
    await response.arrayBuffer();
    seen = response.headers.get("connection") ?? undefined;
  }
  await ordering.send(body);
  await upload.send("67890");
  assert.equal((await ordering.response()).status, 201);
  assert.equal((await upload.response()).status, 201);
  assert.equal((await report.response()).status, 200);
  assert.deepEqual(await shop.program.exit, { code: 0, signal: null });
  assert.deepEqual(readOrders(shop), ["last"]);
  assert.deepEqual(
    shop.program.report.hooks.map(({ name, result }) => [name, result]),
    [["journal", "done"]],
  );
});
