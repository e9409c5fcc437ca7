// A delay in `beforeApplicationShutdown`, before Nest closes the server.
import { setTimeout as sleep } from "node:timers/promises";
import { Injectable } from "@nestjs/common";
import { LAG_MS, port } from "./app.js";
import { createApp } from "./nest-app.js";

class Delay {
  beforeApplicationShutdown() {
    return sleep(LAG_MS);
  }
}
Injectable()(Delay);
const app = await createApp([Delay]);
app.enableShutdownHooks();
await app.listen(port);
