import { createServer } from "node:http";
import express from "express";
import { createProxyMiddleware } from "http-proxy-middleware";
import { lastcall } from "lastcall";

const service = lastcall({ gracePeriod: 10_000 });
const app = express();
const proxy = createProxyMiddleware({ target: process.env.UPSTREAM, ws: true });
app.use(proxy);
const server = service.attach(createServer(app));
server.on("upgrade", proxy.upgrade);
server.listen(process.env.PORT);
