// When a service counts as ready, and what is said of one that never is.
import assert from "node:assert/strict";
import type net from "node:net";
import { test } from "node:test";
import { CannotRunError } from "#src/prove/facts/errors.js";
import { loopback } from "#src/prove/request/address.js";
import { untilAnswered } from "#src/prove/subject/answer.js";
import { serveRaw } from "../load/open-run.js";

const ANY = { isChecked: false, ca: null };
const GET = { method: "GET", path: "/", body: "" };
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const answers = (socket: net.Socket): void => {
  socket.once("data", () => socket.end(OK));
};

function question(port: number): Parameters<typeof untilAnswered>[0] {
  const address = loopback(port);
  return { address, requests: [GET], h2: [], tls: null, timeoutMs: 1_000, isWanted: () => true };
}

test("ready: an answer below 500", async (t) => {
  await untilAnswered(question(await serveRaw(t, answers)));
});

for (const [what, options, said] of [
  [
    "HTTP/1.1 where HTTP/2 is asked for",
    { requests: [], h2: [GET] },
    /what it said is not HTTP\/2$/,
  ],
  ["no TLS where TLS is asked for", { tls: ANY }, /what it said is not TLS, or not TLS we can /],
  [
    "no TLS where HTTP/2 over TLS is asked for",
    { requests: [], h2: [GET], tls: ANY },
    /it closed the HTTP\/2 session$/,
  ],
] as const) {
  test(`never ready: ${what}`, async (t) => {
    const port = await serveRaw(t, answers);
    await assert.rejects(untilAnswered({ ...question(port), ...options }), (error: unknown) => {
      assert.ok(error instanceof CannotRunError);
      assert.equal(error.code, "PROVE_NEVER_ANSWERED");
      assert.match(error.message, said);
      return true;
    });
  });
}
