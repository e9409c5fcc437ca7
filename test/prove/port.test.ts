import assert from "node:assert/strict";
import net from "node:net";
import { once } from "node:events";
import { test } from "node:test";

import { findFreePort } from "#src/prove/port.js";

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
