import websocket from "@fastify/websocket";
import fastify from "fastify";
import { lastcall } from "lastcall";
import { attachFastify } from "lastcall/fastify";

const service = lastcall({ gracePeriod: 10_000 });
const app = fastify();
attachFastify(service, app);
await app.register(websocket);
app.get("/", () => "ok");
app.get("/ws", { websocket: true }, (socket) => {
  socket.on("message", (data) => socket.send(data));
});
await app.listen({ port: Number(process.env.PORT) });
