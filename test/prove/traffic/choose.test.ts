import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseRequests, isRequestName } from "#src/prove/traffic/choose.js";
import type { Traffic } from "#src/prove/traffic/traffic.js";

function request(method: string, path: string, ...names: string[]): Traffic["requests"][number] {
  return { template: { method, path, body: "" }, paths: [...names, path] };
}

const FILE: Traffic = {
  file: "f",
  notes: [],
  requests: [
    request("GET", "/orders"),
    request("HEAD", "/orders"),
    request("OPTIONS", "/orders"),
    request("POST", "/orders"),
    request("PUT", "/v1/orders/7", "/orders/{id}"),
    request("DELETE", "/orders/7"),
    request("TRACE", "/"),
  ],
};

function choose(named: readonly string[], unsafe = false): string[] {
  const { requests, unmatched } = chooseRequests([FILE], { named, unsafe });
  return [
    ...requests.map(({ method, path }) => `${method} ${path}`).slice(3),
    ...unmatched.map((name) => `? ${name}`),
  ];
}

test("safe requests are sent; the others only when they are named, or all are", () => {
  assert.deepEqual(choose([]), []);
  assert.deepEqual(chooseRequests([FILE], { named: [], unsafe: false }).leftOut, [
    "POST /orders",
    "PUT /orders/{id}",
    "DELETE /orders/7",
    "TRACE /",
  ]);
  assert.deepEqual(choose(["POST /orders"]), ["POST /orders"]);
  assert.deepEqual(choose(["PUT /orders/{id}"]), ["PUT /v1/orders/7"]);
  assert.deepEqual(choose(["DELETE /orders/*", "PUT /v1/**"]), [
    "PUT /v1/orders/7",
    "DELETE /orders/7",
  ]);
  assert.deepEqual(choose(["DELETE /*", "PATCH /orders"]), ["? DELETE /*", "? PATCH /orders"]);
  assert.equal(choose([], true).length, 4);
});

test("a name of requests is a method and a path", () => {
  assert.deepEqual(
    ["POST /a", "POST /a/*", "/a", "POST", "POST /a x", "@weight 2 POST /a"].map(isRequestName),
    [true, true, false, false, false, false],
  );
});
