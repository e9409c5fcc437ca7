// What it costs to look for what nobody tracks, in a process with a thousand connections of its own: the look
// itself, which runs once when a service becomes ready and at least once at the end of its drain.
import net from "node:net";
import { once } from "node:events";

import { summary } from "./statistics.js";

// No part of the package's face.
const { Fence } = await import(new URL("../dist/fence.js", import.meta.url));
const { Untracked } = await import(new URL("../dist/work/untracked.js", import.meta.url));

const CONNECTIONS = Number(process.env.CONNECTIONS ?? 1_000);
const LOOKS = 200;

const server = net.createServer();
server.listen(0, "127.0.0.1");
await once(server, "listening");
const sockets = Array.from({ length: CONNECTIONS }, () => net.connect(server.address().port));
server.on("connection", (socket) => sockets.push(socket));
while (sockets.length < 2 * CONNECTIONS) await new Promise(setImmediate);

const untracked = new Untracked(() => false, new Fence({}));
const times = [];
let found = 0;
for (let look = 0; look < LOOKS; look++) {
  const begun = performance.now();
  found = untracked.list().reduce((sum, { count }) => sum + count, 0);
  times.push(performance.now() - begun);
}
for (const socket of sockets) socket.destroy();
server.close();
console.log(`Node ${process.version}: ${found} things alive, ms per look: ${summary(times)}`);
