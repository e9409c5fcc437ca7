// oxlint-disable-next-line import/no-unassigned-import -- it adds to Reflect
import "reflect-metadata";
import { setTimeout as sleep } from "node:timers/promises";
import { Controller, Get, Module, Post, Req } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { SLOW_MS } from "./app.js";

class AppController {
  root() {
    return "ok\n";
  }
  slow() {
    return sleep(SLOW_MS, "slow\n");
  }
  upload(request) {
    return new Promise((resolve) => request.resume().on("end", () => resolve("taken\n")));
  }
}
// Decorators, applied by hand: this is JavaScript.
Controller()(AppController);
const route = (decorate, name) =>
  decorate(
    AppController.prototype,
    name,
    Object.getOwnPropertyDescriptor(AppController.prototype, name),
  );
route(Get("/"), "root");
route(Get("/slow"), "slow");
route(Post("/"), "upload");
Req()(AppController.prototype, "upload", 0);

/** @param {object[]} [providers] */
export function createApp(providers = []) {
  // oxlint-disable-next-line typescript/no-extraneous-class -- what a module of Nest is
  class AppModule {}
  Module({ controllers: [AppController], providers })(AppModule);
  return NestFactory.create(AppModule, { logger: false, bodyParser: false });
}
