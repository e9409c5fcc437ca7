/**
 * An entry in Consul, through the HTTP API of an agent: a service with a TTL check.
 *
 * @module
 */
import { ask, parse, unanswered, type Reply } from "./ask.js";
import type { RegistryCalls, RegistryContext } from "./registry-calls.js";

/** What is registered, and with which agent. */
export interface ConsulOptions {
  /** The agent's address. Default: `"http://127.0.0.1:8500"`. */
  agent?: string;
  /** ACL token. Default: none. */
  token?: string;
  /** The name by which clients find the service. */
  name: string;
  /** Names this instance, uniquely for the agent. Default: name, address and port. */
  id?: string;
  /** Where this instance is found. */
  address: string;
  port: number;
  tags?: readonly string[];
  /** How long the entry passes without a beat, in milliseconds: the same as the registry's. */
  ttl: number;
  /**
   * Leave by maintenance mode before the service is deregistered: watchers see one change to critical first, and the check
   * goes with the reason. Default: `false`.
   */
  maintenance?: boolean;
}

/** Consul takes services out that were critical for so long; it accepts no less. */
const LEAST_CRITICAL = "1m";

/** How a service of Consul is entered, kept and left: for {@link Service.registry}, with the same `ttl`. */
export function consul(options: ConsulOptions): RegistryCalls {
  const { agent = "http://127.0.0.1:8500", token, name, address, port, ttl } = options;
  const { id = `${name}-${address}-${port}`, tags = [], maintenance = false } = options;
  const check = `service:${id}`;
  const headers = token === undefined ? {} : { "x-consul-token": token };
  const send = (
    method: "GET" | "PUT",
    path: string,
    { signal }: RegistryContext,
    body?: object,
  ): Promise<Reply> => ask(agent, { method, path, headers, signal, ...(body && { body }) });
  const put = async (path: string, context: RegistryContext, body?: object): Promise<void> => {
    const reply = await send("PUT", path, context, body);
    if (reply.status !== 200) throw unanswered(`PUT ${path}`, reply);
  };
  return {
    enter: async (context) => {
      await put("/v1/agent/service/register?replace-existing-checks=true", context, {
        ID: id,
        Name: name,
        Address: address,
        Port: port,
        Tags: tags,
        Check: {
          CheckID: check,
          TTL: `${ttl}ms`,
          Status: "passing",
          DeregisterCriticalServiceAfter: LEAST_CRITICAL,
        },
      });
      // A stop that was killed in its middle may have left it so.
      if (maintenance)
        await put(`/v1/agent/service/maintenance/${encode(id)}?enable=false`, context);
    },
    beat: (context) => put(`/v1/agent/check/pass/${encode(check)}`, context),
    leave: async (context) => {
      if (maintenance) {
        const path = `/v1/agent/service/maintenance/${encode(id)}?enable=true&reason=stopping`;
        await send("PUT", path, context);
      }
      const path = `/v1/agent/service/deregister/${encode(id)}`;
      const reply = await send("PUT", path, context);
      // 404, and 500 of older versions: it is out.
      if (reply.status === 200 || reply.text.includes("Unknown service")) return;
      throw unanswered(`PUT ${path}`, reply);
    },
    isGone: async (context) => {
      const path = `/v1/health/service/${encode(name)}?passing=true`;
      const reply = await send("GET", path, context);
      if (reply.status !== 200) throw unanswered(`GET ${path}`, reply);
      const entries = parse(`GET ${path}`, reply) as { Service?: { ID?: string } }[];
      return !entries.some(({ Service }) => Service?.ID === id);
    },
  };
}

const encode = encodeURIComponent;
