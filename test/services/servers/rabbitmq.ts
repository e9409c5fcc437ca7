import { writeFileSync } from "node:fs";
import path from "node:path";

import { findFreePort } from "#src/prove/machine/port.js";

import { PROGRAMS } from "./programs.js";
import { startServer, type Scope, type Server } from "./server.js";

export interface RabbitMq extends Server {
  readonly url: string;
}

/**
 * An empty RabbitMQ on loopback, without plugins. Erlang's port mapper is started for it alone: the
 * one that it would start itself stays behind as a daemon.
 */
export async function startRabbitMq(scope: Scope): Promise<RabbitMq> {
  const port = await findFreePort();
  const nodePort = await findFreePort();
  const mapperPort = await startPortMapper(scope);
  const server = await startServer(scope, {
    program: PROGRAMS.rabbitmq,
    name: "rabbitmq-server",
    prepare: (folder) =>
      writeFileSync(path.join(folder, "rabbitmq.conf"), "loopback_users = none\n"),
    args: () => [],
    env: (folder) => ({
      ERL_EPMD_PORT: `${mapperPort}`,
      RABBITMQ_NODENAME: `lastcall-${port}@localhost`,
      RABBITMQ_NODE_IP_ADDRESS: "127.0.0.1",
      RABBITMQ_NODE_PORT: `${port}`,
      RABBITMQ_DIST_PORT: `${nodePort}`,
      RABBITMQ_CONFIG_FILE: path.join(folder, "rabbitmq.conf"),
      RABBITMQ_MNESIA_BASE: folder,
      RABBITMQ_LOG_BASE: folder,
      RABBITMQ_LOGS: "-",
      RABBITMQ_PID_FILE: path.join(folder, "pid"),
      RABBITMQ_ENABLED_PLUGINS_FILE: path.join(folder, "plugins"),
      // Its script then becomes the server, so that the process that is ended is the server itself.
      RUNNING_UNDER_SYSTEMD: "1",
    }),
    ready: /Server startup complete/,
  });
  return { ...server, url: `amqp://127.0.0.1:${port}` };
}

async function startPortMapper(scope: Scope): Promise<number> {
  const port = await findFreePort();
  await startServer(scope, {
    program: PROGRAMS.rabbitmq,
    name: "epmd",
    args: () => ["-d", "-d", "-address", "127.0.0.1", "-port", `${port}`],
    ready: /entering the main select/,
  });
  return port;
}
