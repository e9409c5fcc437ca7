import "reflect-metadata";
import { Controller, Get, Module, Sse } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { WsAdapter } from "@nestjs/platform-ws";
import { SubscribeMessage, WebSocketGateway } from "@nestjs/websockets";
import { lastcall } from "lastcall";
import { attachNest } from "lastcall/nest";
import { interval, map } from "rxjs";

@Controller()
class Clock {
  @Get()
  hello() {
    return "hello";
  }

  @Get("slow")
  slow() {
    return new Promise((resolve) => setTimeout(resolve, 1_500, "late"));
  }

  @Sse("events")
  events() {
    return interval(100).pipe(map((tick) => ({ data: String(tick) })));
  }
}

@WebSocketGateway({ path: "/ws" })
class Gateway {
  @SubscribeMessage("ask")
  answer() {
    return { event: "answer", data: "yes" };
  }
}

@Module({ controllers: [Clock], providers: [Gateway] })
class App {}

const service = lastcall({ gracePeriod: 10_000 });
const app = await NestFactory.create(App, { logger: false });
app.useWebSocketAdapter(new WsAdapter(app));
attachNest(service, app);
await app.listen(process.env.PORT);
