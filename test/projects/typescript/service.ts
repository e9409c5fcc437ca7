// What a program of a user does with the package: serves, asks for its own answer, drains, and prints how it went.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { isLastcallError, lastcall, type DrainReport, type LastcallOptions } from "lastcall";
import { carrySignal } from "lastcall/koa";
// @ts-expect-error: a name that the package does not have
import type { Nothing } from "lastcall";
import { prove, type ProveOptions } from "lastcall/prove";
import { closeWebSockets } from "lastcall/ws";

const options: LastcallOptions = { signals: false, report: false, lameDuck: false };
// @ts-expect-error: these are types, and not `any`
const wrong: LastcallOptions = { gracePeriod: new Date() };
const asked: ProveOptions = { command: ["node", "server.js"], quick: true };

const service = lastcall(options);
const server = service.attach(createServer((_, response) => void response.end("ok")));
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  void fetch(`http://127.0.0.1:${port}/`)
    .then((answer) => answer.text())
    .then(async (text) => {
      const report: DrainReport = await service.drain();
      const all = [wrong, asked].length + Number(isLastcallError(undefined));
      console.log(
        text,
        report.outcome,
        all,
        typeof prove,
        typeof closeWebSockets,
        typeof carrySignal,
      );
    });
});
