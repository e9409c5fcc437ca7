// The presets of src/registries against the real Consul and etcd: entered, kept, lost and entered again, left before the
// listener closes; and what a registry that hangs, refuses or answers nonsense does to a stop.
import assert from "node:assert/strict";
import http from "node:http";
import net from "node:net";
import { after, suite, test, type TestContext } from "node:test";

import { lastcall, type RegistryCalls, type RegistryOptions } from "lastcall";
import { consul } from "lastcall/registries/consul";
import { etcd } from "lastcall/registries/etcd";

import { listen, QUIET } from "../harness/serve.js";
import { startConsul, type Consul } from "./servers/consul.js";
import { startEtcd, type Etcd } from "./servers/etcd.js";
import { CONSUL, isInstalled } from "./servers/programs.js";
import { throughout, until } from "./until.js";

const TTL = 3_000;

/** A service in one registry, ready. */
async function enter(t: TestContext, calls: RegistryCalls, options: RegistryOptions = {}) {
  const service = lastcall({ ...QUIET, lameDuck: { min: 300, max: 300 } });
  t.after(() => service.abort());
  service.registry("registry", calls, { ttl: TTL, settle: 500, ...options });
  const port = await listen(service.attach(http.createServer((_req, res) => res.end("ok"))));
  return { service, port };
}

/** Whether the port takes connections. */
function takes(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

/** What is asked of each registry, whatever it is. */
interface Rig {
  readonly calls: (address: string) => RegistryCalls;
  /** The addresses that its readers find. */
  readonly list: () => Promise<string[]>;
  /** Takes the entry out behind the service's back. */
  readonly lose: (address: string) => Promise<unknown>;
  readonly url: string;
}

function asksAll(name: string, rig: () => Rig): void {
  test(`${name}: listed once ready, kept past its time, gone before the listener closes`, async (t) => {
    const { calls, list } = rig();
    const { service, port } = await enter(t, calls("10.0.0.1"));
    await until("the entry", async () => (await list()).includes("10.0.0.1"));
    assert.ok(await throughout(TTL * 1.5, async () => (await list()).includes("10.0.0.1")));
    const drained = service.drain();
    await until("its end", async () => !(await list()).includes("10.0.0.1"));
    assert.equal(await takes(port), true);
    const { outcome, registries, warnings } = await drained;
    assert.deepEqual([outcome, warnings], ["clean", []]);
    const [entry] = registries;
    assert.equal(entry?.result, "left");
    assert.ok(entry.goneMs !== null, "isGone said so");
    t.diagnostic(`left after ${entry.leftMs} ms, gone after ${entry.goneMs} ms`);
  });

  test(`${name}: an entry that is lost is entered again by the next beat`, async (t) => {
    const { calls, list, lose } = rig();
    const { service } = await enter(t, calls("10.0.0.2"));
    await until("the entry", async () => (await list()).includes("10.0.0.2"));
    await lose("10.0.0.2");
    await until("its return", async () => (await list()).includes("10.0.0.2"));
    await service.drain();
    assert.ok(!(await list()).includes("10.0.0.2"));
  });

  test(`${name}: (control) an instance that just ends stays listed`, async (t) => {
    const { calls, list } = rig();
    const { signal } = new AbortController();
    const own = calls("10.0.0.3");
    await own.enter?.({ signal });
    t.after(() => own.leave({ signal }));
    assert.ok(await throughout(500, async () => (await list()).includes("10.0.0.3")));
  });

  test(`${name}: left twice comes to the same`, async () => {
    const { signal } = new AbortController();
    const own = rig().calls("10.0.0.4");
    await own.enter?.({ signal });
    await own.leave({ signal });
    await own.leave({ signal });
    assert.equal(await own.isGone?.({ signal }), true);
  });
}

const server: Etcd = await startEtcd({ after });
suite("etcd", () => {
  const ask = async (name: string, body: object): Promise<unknown> => {
    const init = { method: "POST", body: JSON.stringify(body) };
    return (await fetch(`${server.url}/v3/${name}`, init)).json();
  };
  const key = (address: string): string => Buffer.from(`services/${address}`).toString("base64");
  asksAll("etcd", () => ({
    url: server.url,
    calls: (address) =>
      etcd({ endpoints: [server.url], key: `services/${address}`, value: address, ttl: TTL }),
    list: async () => {
      const all = { key: btoa("services/"), range_end: btoa("services0") };
      const { kvs = [] } = (await ask("kv/range", all)) as { kvs?: { value: string }[] };
      return kvs.map(({ value }) => atob(value));
    },
    lose: async (address) => {
      const { kvs } = (await ask("kv/range", { key: key(address) })) as {
        kvs: { lease: string }[];
      };
      return ask("lease/revoke", { ID: kvs[0]?.lease });
    },
  }));

  test("etcd: the next member is asked where one refuses", async (t) => {
    const endpoints = ["http://127.0.0.1:1", server.url];
    const calls = etcd({ endpoints, key: "services/10.0.0.5", value: "10.0.0.5", ttl: TTL });
    const { service } = await enter(t, calls);
    const entered = async (): Promise<boolean> =>
      !(await calls.isGone?.({ signal: new AbortController().signal }));
    await until("the entry", entered);
    const { registries } = await service.drain();
    assert.equal(registries[0]?.result, "left");
  });

  test("etcd: with authentication on, the token is asked for; without a user nothing is entered", async (t) => {
    await ask("auth/user/add", { name: "root", password: "secret" });
    await ask("auth/user/grant", { user: "root", role: "root" });
    await ask("auth/role/add", { name: "root" });
    await ask("auth/user/grant", { user: "root", role: "root" });
    await ask("auth/enable", {});
    const entry = { endpoints: [server.url], key: "services/10.0.0.6", value: "x", ttl: TTL };
    const { signal } = new AbortController();
    const own = etcd({ ...entry, user: { name: "root", password: "secret" } });
    t.after(async () => {
      const { token } = (await ask("auth/authenticate", { name: "root", password: "secret" })) as {
        token: string;
      };
      const init = { method: "POST", body: "{}", headers: { authorization: token } };
      await fetch(`${server.url}/v3/auth/disable`, init);
    });
    await own.enter?.({ signal });
    assert.equal(await own.isGone?.({ signal }), false);
    await assert.rejects(async () => etcd(entry).enter?.({ signal }), /40[01]|user name is empty/);
    await own.leave({ signal });
    assert.equal(await own.isGone?.({ signal }), true);
  });
});

const skip = isInstalled(CONSUL) ? false : "no `consul` here: Debian has it in bullseye alone";
const consulServer = skip === false ? await startConsul({ after }) : undefined;
suite("consul", { skip }, () => {
  const server = consulServer as Consul;
  const entry = (address: string) => ({
    agent: server.url,
    token: server.token,
    name: "orders",
    address,
    port: 3_000,
    ttl: TTL,
  });
  const ask = async (path: string, method = "GET"): Promise<unknown> => {
    const headers = { "x-consul-token": server.token };
    const res = await fetch(`${server.url}/v1/${path}`, { method, headers });
    return method === "GET" ? res.json() : res.text();
  };
  const list = async (): Promise<string[]> => {
    const found = (await ask("health/service/orders?passing=true")) as {
      Service: { Address: string };
    }[];
    return found.map(({ Service }) => Service.Address);
  };
  asksAll("consul", () => ({
    url: server.url,
    calls: (address) => consul(entry(address)),
    list,
    lose: (address) => ask(`agent/service/deregister/orders-${address}-3000`, "PUT"),
  }));

  test("consul: left by maintenance mode, and entered again after it", async (t) => {
    const calls = (): RegistryCalls => consul({ ...entry("10.0.0.5"), maintenance: true });
    for (let turn = 0; turn < 2; turn++) {
      const { service } = await enter(t, calls());
      await until("the entry", async () => (await list()).includes("10.0.0.5"));
      const { registries } = await service.drain();
      assert.equal(registries[0]?.result, "left");
      assert.ok(!(await list()).includes("10.0.0.5"));
    }
  });

  test("consul: without its token nothing is entered, and the warning says why", async () => {
    const { signal } = new AbortController();
    const { token: _token, ...bare } = entry("10.0.0.6");
    await assert.rejects(async () => consul(bare).enter?.({ signal }), /403/);
  });
});
