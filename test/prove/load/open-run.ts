import net from "node:net";
import type { LoadPlan, Target } from "#src/prove/load/protocol.js";
import { Run } from "#src/prove/load/run.js";
import { DEFAULT_CLIENTS } from "#src/prove/options/resolve.js";
import { loopback } from "#src/prove/request/address.js";

const PLAN: LoadPlan = {
  requests: [{ method: "GET", path: "/", body: "" }],
  slow: [],
  uploads: [],
  pipelined: [],
  expecting: [],
  stalled: [],
  events: [],
  websockets: [],
  h2: [],
  readiness: null,
  liveness: null,
  tls: null,
  rttMs: 4,
  connectTimeoutMs: 5_000,
  lagMs: 50,
  thinkMs: 1,
  warmupMs: 0,
  uploadMs: 10,
  maxRequests: 1_000,
  rate: null,
  hasSignal: true,
  instanceField: null,
  counts: DEFAULT_CLIENTS,
  seed: 1,
  idPrefix: "t",
};

/** A load without its process, and what it called its own faults. */
export function openRun(plan: Partial<LoadPlan> = {}): { run: Run; faults: string[] } {
  const faults: string[] = [];
  return { run: new Run({ ...PLAN, ...plan }, (what) => faults.push(what)), faults };
}

/** The first generation of a service on this machine. */
export function targetOn(port: number): Target {
  return { generation: 0, address: loopback(port) };
}

/** A TCP server that does one thing to each connection. Closed when the test ends. */
export async function serveRaw(
  context: { after: (end: () => void) => void },
  onConnection: (socket: net.Socket) => void,
): Promise<number> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket.on("error", () => {}));
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as net.AddressInfo).port;
}
