import "reflect-metadata";
import { Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { SubscribeMessage, WebSocketGateway, WebSocketServer } from "@nestjs/websockets";
import { lastcall } from "lastcall";
import { attachNest } from "lastcall/nest";
import { closeSocketIo } from "lastcall/socket.io";

const service = lastcall({ gracePeriod: 10_000 });

@WebSocketGateway()
class Gateway {
  @WebSocketServer() io;

  afterInit() {
    closeSocketIo(service, this.io);
  }

  @SubscribeMessage("ask")
  answer(client, question) {
    return `${question}!`;
  }
}

@Module({ providers: [Gateway] })
class App {}

const app = await NestFactory.create(App, { logger: false });
attachNest(service, app);
await app.listen(process.env.PORT);
