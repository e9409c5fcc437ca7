// Nest's shutdown hooks close the application, and raise the signal again when that is done.
import "reflect-metadata";
import { Controller, Get, Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { attach, createService } from "./service.mjs";

const service = createService();

class AppController {
  hello() {
    return "ok";
  }

  slow() {
    return new Promise((resolve) => setTimeout(resolve, 1_000, "ok"));
  }
}
const method = (name) => Object.getOwnPropertyDescriptor(AppController.prototype, name);
Get("/")(AppController.prototype, "hello", method("hello"));
Get("/slow")(AppController.prototype, "slow", method("slow"));
Controller()(AppController);

class AppModule {}
Module({ controllers: [AppController] })(AppModule);

const app = await NestFactory.create(AppModule, { logger: false });
app.enableShutdownHooks();
if (service !== undefined) attach(service, app.getHttpServer());
await app.listen(Number(process.env.PORT), "127.0.0.1");
console.log(`pid ${process.pid}`);
