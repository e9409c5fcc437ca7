import "reflect-metadata";
import { once } from "node:events";
import type { Server, Socket } from "node:net";
import { Controller, Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { MessagePattern, Transport } from "@nestjs/microservices";
import { lastcall } from "lastcall";
import { finalize } from "rxjs";

@Controller()
class Clock {
  @MessagePattern("now")
  now() {
    return Date.now();
  }

  @MessagePattern("slow")
  slow() {
    return new Promise((resolve) => setTimeout(resolve, 1_500, Date.now()));
  }
}

@Module({ controllers: [Clock] })
class App {}

/** The connections, with the messages in hand on each: Nest's own close() destroys them. */
class Connections {
  readonly #inHand = new Map<Socket, number>();
  #isLeaving = false;

  follow(socket: Socket) {
    this.#inHand.set(socket, 0);
    socket.on("close", () => this.#inHand.delete(socket));
  }

  intercept(context, next) {
    const socket = context.switchToRpc().getContext().getSocketRef().netSocket;
    this.#count(socket, 1);
    // Once its answer is written.
    return next.handle().pipe(finalize(() => setImmediate(() => this.#count(socket, -1))));
  }

  #count(socket: Socket, change: number) {
    const count = (this.#inHand.get(socket) ?? 0) + change;
    this.#inHand.set(socket, count);
    if (this.#isLeaving && count === 0) socket.end();
  }

  /** Ends each right behind an answer, while its client still waits for that; one that stays silent, after a moment. */
  async leave() {
    this.#isLeaving = true;
    await new Promise((resolve) => setTimeout(resolve, 500));
    for (const [socket, count] of this.#inHand) if (count === 0) socket.end();
  }
}

const service = lastcall({ gracePeriod: 10_000 });
const app = await NestFactory.createMicroservice(App, {
  logger: false,
  transport: Transport.TCP,
  options: { port: Number(process.env.PORT) },
});
const connections = new Connections();
app.useGlobalInterceptors(connections);
await app.listen();

const server = app.unwrap<Server>();
server.on("connection", (socket) => connections.follow(socket));
service.hook(
  "nest",
  async () => {
    const closed = once(server.close(), "close");
    await connections.leave();
    await closed;
    await app.close();
  },
  { stage: "draining" },
);
