import { isIP, type Socket } from "node:net";
import type { ConnectionOptions } from "node:tls";
import type { Client, Connection, PoolClient, PoolOptions } from "pg";

/** A cancel request on its own connection, as the protocol has it (PostgreSQL, 55.2.8). */
export interface CancelRequest {
  /**
   * Resolves when the server has closed the connection. It does that after it has signalled the
   * backend: from then on the request can hit no later statement.
   */
  readonly ended: Promise<void>;
  destroy(): void;
}

/** Asks the server to end what the client's backend is doing. */
export function requestCancel(client: PoolClient, options: PoolOptions): CancelRequest {
  const host = addressOf(client);
  const canceller = createCanceller(client, host, options);
  const destroy = (): void => void canceller.stream.destroy();
  return { ended: send(canceller, host, client as Backend), destroy };
}

/** Fields of `pg` without a public type, the same in all of its versions 8. */
interface Backend extends PoolClient {
  readonly sslNegotiation?: "postgres" | "direct";
  readonly processID: number | null;
  readonly secretKey: number | null;
}

interface Canceller extends Connection {
  connect(port: number | string, host?: string): void;
  requestSsl(): void;
  cancel(processID: number | null, secretKey: number | null): void;
}

/** The very server that the client is connected to: a name may stand for several. */
function addressOf({ host, connection }: PoolClient): string {
  return (connection.stream as Socket).remoteAddress ?? host;
}

/** A connection that is not yet open, of the same class and with the same options. */
function createCanceller(client: PoolClient, host: string, options: PoolOptions): Canceller {
  const { stream, sslnegotiation } = options;
  const ssl = nameServer(client.ssl, client.host);
  const twin = new (client.constructor as typeof Client)({
    host,
    port: client.port,
    ssl,
    ...(stream !== undefined && { stream }),
    ...(sslnegotiation !== undefined && { sslnegotiation }),
  });
  return twin.connection as Canceller;
}

/** Options of TLS, checking the certificate against the name although the address is connected to. */
function nameServer(ssl: boolean | ConnectionOptions, host: string): boolean | ConnectionOptions {
  if (ssl === false) return false;
  // pg hides the key from enumeration.
  const options = ssl === true ? {} : { ...ssl, ...("key" in ssl ? { key: ssl.key } : {}) };
  return isIP(host) === 0 ? { servername: host, ...options } : options;
}

function send(canceller: Canceller, host: string, backend: Backend): Promise<void> {
  const { port, ssl, sslNegotiation, processID, secretKey } = backend;
  return new Promise((resolve, reject) => {
    canceller.once("error", reject).once("end", resolve);
    if (ssl && sslNegotiation !== "direct") canceller.once("connect", () => canceller.requestSsl());
    canceller.once(ssl ? "sslconnect" : "connect", () => canceller.cancel(processID, secretKey));
    if (host.startsWith("/")) canceller.connect(`${host}/.s.PGSQL.${port}`);
    else canceller.connect(port, host);
  });
}
