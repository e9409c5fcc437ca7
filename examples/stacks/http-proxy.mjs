import http from "node:http";
import httpProxy from "http-proxy";
import { lastcall } from "lastcall";

const service = lastcall({ gracePeriod: 10_000 });
const proxy = httpProxy.createProxyServer({ target: process.env.UPSTREAM });
proxy.on("error", (error, req, res) => {
  if (res instanceof http.ServerResponse && !res.headersSent) res.writeHead(502).end();
  else res.destroy();
});
const server = http.createServer((req, res) => proxy.web(req, res));
server.on("upgrade", (req, socket, head) => proxy.ws(req, socket, head));
service.attach(server).listen(process.env.PORT);
