import { createServer } from "node:http";
import { lastcall } from "lastcall";
import { closeSocketIo } from "lastcall/socket.io";
import { Server } from "socket.io";

const service = lastcall({ gracePeriod: 10_000 });
const server = service.attach(createServer());
const io = new Server(server);
closeSocketIo(service, io);
io.on("connection", (socket) => {
  socket.on("ask", (question, answer) => answer(`${question}!`));
});
server.listen(process.env.PORT);
