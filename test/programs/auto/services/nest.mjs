import "reflect-metadata";
import { Controller, Get, Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";

class AppController {
  hello() {
    return "hello";
  }
}
Get("/")(
  AppController.prototype,
  "hello",
  Object.getOwnPropertyDescriptor(AppController.prototype, "hello"),
);
Controller()(AppController);

class AppModule {}
Module({ controllers: [AppController] })(AppModule);

const app = await NestFactory.create(AppModule, { logger: false });
if (process.argv.includes("hooks")) app.enableShutdownHooks();
await app.listen(Number(process.env.PORT), "127.0.0.1");
