import { once } from "node:events";
import { connect, isIP, type Socket } from "node:net";
import { connect as connectSecurely, type ConnectionOptions } from "node:tls";
import type { Sql } from "postgres";

/** Which backend runs a query, and the secret that allows to cancel it. */
export interface Backend {
  readonly pid: number;
  readonly secret: number;
}

/** Options of postgres.js as it has read them, with what has no public type. */
type Options = Sql["options"] & {
  readonly sslnegotiation?: string | null;
  readonly socket?: ((options: unknown) => Socket | Promise<Socket>) | null;
};

const SSL_REQUEST = integers(8, 80_877_103);

/**
 * Asks the server to end what a backend is doing, as the protocol has it (PostgreSQL, 55.2.8); resolves when
 * the server has closed the connection, which it does after it has signalled the backend. With several hosts
 * all are asked: postgres.js does not tell which one it uses, and only the right one knows the secret.
 */
export async function requestCancel(options: Options, backend: Backend): Promise<void> {
  const isOne = options.path || options.socket;
  const hosts = isOne ? options.host.slice(0, 1) : options.host;
  const requests = hosts.map(async (host, index) => {
    const socket = await dial(options, index);
    // One that is never answered ends in the end.
    socket.setKeepAlive(true, 10_000);
    const last = await secure(socket, options, host);
    last.write(integers(16, 80_877_102, backend.pid, backend.secret));
    last.resume();
    await once(last, "close");
  });
  const results = await Promise.allSettled(requests);
  if (results.some(({ status }) => status === "fulfilled")) return;
  throw (results[0] as PromiseRejectedResult).reason;
}

async function dial(options: Options, index: number): Promise<Socket> {
  if (options.socket) return options.socket(options);
  const { path, host, port } = options;
  const socket = path ? connect(path) : connect(port[index] as number, host[index]);
  await once(socket, "connect");
  return socket;
}

/** TLS by the same rules as postgres.js. */
async function secure(socket: Socket, options: Options, host: string): Promise<Socket> {
  const ssl = options.ssl as boolean | string | ConnectionOptions;
  if (!ssl) return socket;
  const isDirect = options.sslnegotiation === "direct";
  if (!isDirect) {
    socket.write(SSL_REQUEST);
    const [answer] = (await once(socket, "data")) as [Buffer];
    if (answer.toString() !== "S" && ssl === "prefer") return socket;
  }
  return connectSecurely({
    socket,
    ...(isIP(host) === 0 && { servername: host }),
    ...(isDirect && { ALPNProtocols: ["postgresql"] }),
    ...(typeof ssl === "string" && { rejectUnauthorized: false }),
    ...(typeof ssl === "object" && ssl),
  });
}

function integers(...values: number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) buffer.writeUInt32BE(value, index * 4);
  return buffer;
}
