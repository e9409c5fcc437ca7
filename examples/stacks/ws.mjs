import { createServer } from "node:http";
import { lastcall } from "lastcall";
import { WebSocketServer } from "ws";

const service = lastcall({ gracePeriod: 10_000 });
const server = service.attach(createServer((req, res) => res.end("ok")));
const sockets = new WebSocketServer({ server });
sockets.on("connection", (socket) => {
  socket.on("message", (data) => socket.send(data));
});
server.listen(process.env.PORT);
