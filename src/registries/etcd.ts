/**
 * An entry in etcd 3, through its JSON gateway: a key under a lease.
 *
 * @module
 */
import { ask, parse, unanswered, type Reply } from "./ask.js";
import type { RegistryCalls, RegistryContext } from "./registry-calls.js";

/** What is entered, and where. */
export interface EtcdOptions {
  /** The members' addresses, asked in this order until one answers. Default: `["http://127.0.0.1:2379"]`. */
  endpoints?: readonly string[];
  /** Name and password, where authentication is on. Default: none. */
  user?: { readonly name: string; readonly password: string };
  /** The key of this instance: `services/orders/10.0.0.7:3000`. */
  key: string;
  /** What stands under it. */
  value: string;
  /** The time of the lease, in milliseconds: the same as the registry's. etcd counts whole seconds. */
  ttl: number;
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");

/** How a key of etcd is entered, kept and left: for {@link Service.registry}, with the same `ttl`. */
export function etcd(options: EtcdOptions): RegistryCalls {
  const key = base64(options.key);
  const cluster = new Cluster(options);
  let lease: string | undefined;
  return {
    enter: async (context) => {
      const seconds = { TTL: Math.ceil(options.ttl / 1_000) };
      const { ID } = (await cluster.call("lease/grant", context, seconds)) as { ID: string };
      lease = ID;
      await cluster.call("kv/put", context, { key, value: base64(options.value), lease });
    },
    beat: async (context) => {
      const { result } = (await cluster.call("lease/keepalive", context, { ID: lease })) as {
        result?: { TTL?: string };
      };
      // A lease that is over has none.
      if (Number(result?.TTL ?? 0) <= 0) throw new Error(`lease ${lease} is over`);
    },
    leave: async (context) => {
      // The key and not the lease alone: a call that was given up may have put it under another.
      await cluster.call("kv/deleterange", context, { key });
      if (lease === undefined) return;
      const over = { ID: lease };
      lease = undefined;
      await cluster.call("lease/revoke", context, over).catch(() => {});
    },
    isGone: async (context) => {
      const range = { key, count_only: true };
      const found = (await cluster.call("kv/range", context, range)) as { count?: string };
      return Number(found.count ?? 0) === 0;
    },
  };
}

/** The members of one cluster, and the token of the last log-in. */
class Cluster {
  readonly #endpoints: readonly string[];
  readonly #user: EtcdOptions["user"];
  #token: string | undefined;

  constructor({ endpoints = ["http://127.0.0.1:2379"], user }: EtcdOptions) {
    this.#endpoints = endpoints;
    this.#user = user;
  }

  async call(name: string, context: RegistryContext, body: object): Promise<unknown> {
    if (this.#user !== undefined && this.#token === undefined) await this.#logIn(context);
    let reply = await this.#ask(name, context, body);
    // Tokens end after some minutes, and with their member.
    if (reply.status === 401 && this.#user !== undefined) {
      await this.#logIn(context);
      reply = await this.#ask(name, context, body);
    }
    if (reply.status !== 200) throw unanswered(name, reply);
    return parse(name, reply);
  }

  async #logIn(context: RegistryContext): Promise<void> {
    this.#token = undefined;
    const reply = await this.#ask("auth/authenticate", context, { ...this.#user });
    if (reply.status !== 200) throw unanswered("auth/authenticate", reply);
    this.#token = (parse("auth/authenticate", reply) as { token: string }).token;
  }

  /** The first member that has a leader answers. */
  async #ask(name: string, { signal }: RegistryContext, body: object): Promise<Reply> {
    const headers = this.#token === undefined ? {} : { authorization: this.#token };
    let last: unknown;
    for (const endpoint of this.#endpoints) {
      try {
        const question = { method: "POST", path: `/v3/${name}`, headers, body, signal } as const;
        const reply = await ask(endpoint, question);
        if (reply.status < 500) return reply;
        last = unanswered(name, reply);
      } catch (thrown) {
        if (signal.aborted) throw thrown;
        last = thrown;
      }
    }
    throw last;
  }
}
