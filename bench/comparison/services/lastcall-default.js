import { createServer } from "node:http";
// By its path: this folder is a package of its own, with its own dependencies.
import { lastcall } from "../../../dist/lastcall/index.js";
import { answer, port } from "./app.js";

const service = lastcall({ gracePeriod: 10_000 });
service.attach(createServer(answer)).listen(port);
