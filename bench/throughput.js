// Requests per second of an attached server over a bare one, in one process and in turns.
import { once } from "node:events";
import http from "node:http";

import { lastcall } from "lastcall";

import { compare } from "./load.js";

const app = (_req, res) => {
  res.setHeader("Content-Type", "text/plain");
  res.end("hello, world\n");
};
const service = lastcall({ signals: false, report: false });
const servers = {
  bare: http.createServer(app),
  attached: service.attach(http.createServer(app)),
};
const cpu = () => {
  const { user, system } = process.cpuUsage();
  return user + system;
};
const compared = [];
for (const [name, server] of Object.entries(servers)) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  compared.push({ name, port: server.address().port, cpu });
}
await compare(compared);
await service.abort();
servers.bare.close();
servers.bare.closeAllConnections();
