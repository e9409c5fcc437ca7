import assert from "node:assert/strict";
import { fork } from "node:child_process";
import net from "node:net";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { findFreePort } from "#src/prove/machine/port.js";

test("a port for the service is free, and none that outgoing connections may take meanwhile", async () => {
  for (let i = 0; i < 50; i++) {
    const port = await findFreePort();
    assert.ok(port >= 15_000 && port < 32_768, String(port));
    const server = net.createServer().listen(port, "127.0.0.1");
    await once(server, "listening");
    server.close();
    await once(server, "close");
  }
});

// By chance alone five of them would be the same.
const MANY = 300;

test(
  "provers that look at the same time find different ports",
  { skip: process.platform !== "linux" && "only Linux has names that end with their process" },
  async (t) => {
    const other = fork(fileURLToPath(new URL("../../fixtures/finds-ports.js", import.meta.url)), [
      String(MANY),
    ]);
    t.after(() => other.kill());
    const told = once(other, "message");
    const found = new Set<number>();
    while (found.size < MANY) found.add(await findFreePort());
    const [theirs] = (await told) as [number[]];
    assert.equal(new Set(theirs).size, MANY);
    assert.deepEqual(
      theirs.filter((port) => found.has(port)),
      [],
    );
  },
);
