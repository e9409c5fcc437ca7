import "reflect-metadata";
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

/** Counts the messages that are being answered: Nest's own close() destroys their connections. */
class InFlight {
  count = 0;
  whenNone = () => {};

  intercept(context, next) {
    this.count++;
    const done = () => {
      if (--this.count === 0) setImmediate(() => this.count === 0 && this.whenNone());
    };
    return next.handle().pipe(finalize(done));
  }

  get none() {
    return new Promise<void>((resolve) => {
      this.whenNone = resolve;
      if (this.count === 0) resolve();
    });
  }
}

const service = lastcall({ gracePeriod: 10_000 });
const app = await NestFactory.createMicroservice(App, {
  logger: false,
  transport: Transport.TCP,
  options: { port: Number(process.env.PORT) },
});
const inFlight = new InFlight();
app.useGlobalInterceptors(inFlight);
await app.listen();

const sockets = new Set<Socket>();
const server = app.unwrap<Server>();
server.on("connection", (socket) => {
  sockets.add(socket);
  socket.on("close", () => sockets.delete(socket));
});
service.hook(
  "nest",
  async () => {
    server.close();
    await inFlight.none;
    for (const socket of sockets) socket.end();
    await app.close();
  },
  { stage: "draining" },
);
