import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { lastcall } from "lastcall";

const service = lastcall({ gracePeriod: 10_000 });
const sessions = new Map();

async function open() {
  const mcp = new McpServer({ name: "clock", version: "1.0.0" });
  mcp.registerTool("time", { description: "What time is it?" }, async () => {
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    return { content: [{ type: "text", text: new Date().toISOString() }] };
  });
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => sessions.set(id, transport),
    onsessionclosed: (id) => sessions.delete(id),
  });
  await mcp.connect(transport);
  return transport;
}

const server = createServer(async (req, res) => {
  const id = req.headers["mcp-session-id"];
  const transport = id === undefined ? await open() : sessions.get(id);
  if (transport === undefined) return res.writeHead(404).end();
  await transport.handleRequest(req, res);
});
service.attach(server).listen(process.env.PORT);
