import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { hostname, networkInterfaces } from "node:os";
import { test } from "node:test";

import { leadsTo } from "#src/server/self-calls/own-address.js";

const any: AddressInfo = { address: "::", family: "IPv6", port: 80 };
const local: AddressInfo = { address: "127.0.0.1", family: "IPv4", port: 80 };
const outer = Object.values(networkInterfaces())
  .flat()
  .find((each) => each?.internal === false)?.address;

test("what leads to a listener on all addresses: the loopback, this machine's addresses and name", () => {
  for (const host of [undefined, "", "localhost", "127.0.0.1", "127.1.2.3", "::1", "0.0.0.0"]) {
    assert.ok(leadsTo(any, { host, port: 80 }), host);
  }
  assert.ok(leadsTo(any, { host: hostname(), port: "80" }));
  if (outer !== undefined) assert.ok(leadsTo(any, { host: outer, port: 80 }));
});

test("what does not: another port, another machine, a path", () => {
  assert.ok(!leadsTo(any, { host: "localhost", port: 81 }));
  assert.ok(!leadsTo(any, { host: "192.0.2.1", port: 80 }));
  assert.ok(!leadsTo(any, { host: "example.org", port: 80 }));
  assert.ok(!leadsTo(any, { path: "/run/a.sock", port: 80 }));
});

test("a listener on one address is reached by that alone", () => {
  assert.ok(leadsTo(local, { host: "127.0.0.1", port: 80 }));
  assert.ok(leadsTo(local, { host: "localhost", port: 80 }));
  // As IPv6 writes it, and what the kernel takes for it.
  for (const host of ["::ffff:127.0.0.1", "0.0.0.0"]) assert.ok(leadsTo(local, { host, port: 80 }));
  const mapped: AddressInfo = { address: "::ffff:127.0.0.1", family: "IPv6", port: 80 };
  assert.ok(leadsTo(mapped, { host: "127.0.0.1", port: 80 }));
  assert.ok(!leadsTo(local, { host: "::", port: 80 }));
  assert.ok(!leadsTo(local, { host: "127.0.0.2", port: 80 }));
  assert.ok(!leadsTo(local, { host: "::1", port: 80 }));
});
