import assert from "node:assert/strict";
import { test } from "node:test";
import { formatDuration, parseDuration } from "#src/prove/facts/duration.js";
import { CannotRunError, prove } from "#src/prove/index.js";
import { createRandom, deriveSeed } from "#src/prove/machine/random.js";
import { encodeRequest, parseRequest } from "#src/prove/request/request.js";

test("a duration needs its unit", () => {
  const read = ["10ms", "25s", "1.5s", "2m", "0ms"].map(parseDuration);
  assert.deepEqual(read, [10, 25_000, 1_500, 120_000, 0]);
  for (const text of ["10", "", "s", "-1s", "1 s", "1h", "1s2", "NaNs", "∞s"]) {
    assert.equal(parseDuration(text), undefined, text);
  }
});

test("a duration is written with its unit", () => {
  const texts = [0.4, 4, 99.6, 250, 999, 1_000, 6_134, 30_000].map(formatDuration);
  assert.deepEqual(texts, ["0 ms", "4 ms", "100 ms", "0.25 s", "1 s", "1 s", "6.1 s", "30 s"]);
});

test("a request is a method, a path and perhaps a body", () => {
  assert.deepEqual(parseRequest("GET /a?b=c"), { method: "GET", path: "/a?b=c", body: "" });
  assert.deepEqual(parseRequest('POST /o {"id": "{{id}}"}')?.body, '{"id": "{{id}}"}');
  for (const text of ["", "GET", "/path", "GET path", "GET  /", "GET /\r\nX: y", "G(T /"]) {
    assert.equal(parseRequest(text), undefined, JSON.stringify(text));
  }
});

test("a request carries its id in head, path and body, and its body's length in bytes", () => {
  const template = parseRequest('POST /o/{{id}} {"id":"{{id}}","name":"é"}');
  assert.ok(template !== undefined);
  const text = encodeRequest(template, {
    id: "x-1",
    authority: "127.0.0.1:80",
    close: true,
  }).toString();
  assert.match(text, /^POST \/o\/x-1 HTTP\/1\.1\r\nHost: 127\.0\.0\.1:80\r\n/);
  assert.match(text, /\r\nX-Request-Id: x-1\r\n/);
  assert.match(
    text,
    /\r\nContent-Length: 24\r\nConnection: close\r\n\r\n\{"id":"x-1","name":"é"\}$/,
  );
});

test("a seed determines its sequence, and each client has its own", () => {
  const draw = (seed: number): number[] => Array.from({ length: 5 }, createRandom(seed));
  assert.deepEqual(draw(7), draw(7));
  assert.notDeepEqual(draw(7), draw(8));
  assert.notEqual(deriveSeed(7, "pool 1"), deriveSeed(7, "pool 2"));
  assert.ok(draw(3).every((value) => value >= 0 && value < 1));
});

for (const [what, options] of [
  ["command", { command: [] }],
  ["requests", { command: ["x"], requests: ["nonsense"] }],
  ["requests", { command: ["x"], requests: [] }],
  ["rtt", { command: ["x"], rtt: -1 }],
  ["grace", { command: ["x"], grace: Number.NaN }],
  ["trials", { command: ["x"], trials: 0 }],
  ["clients.pool", { command: ["x"], clients: { pool: 1.5 } }],
  ["websockets", { command: ["x"], websockets: ["live"] }],
  ["events", { command: ["x"], events: ["GET /"] }],
  ["h2", { command: ["x"], h2: ["/"] }],
  ["expecting", { command: ["x"], expecting: ["POST / body"] }],
] as const) {
  test(`prove() refuses a wrong \`${what}\` with a typed error: ${JSON.stringify(options)}`, async () => {
    await assert.rejects(prove(options), (error: unknown) => {
      assert.ok(error instanceof CannotRunError);
      assert.equal(error.code, "PROVE_BAD_OPTION");
      assert.ok(error.message.startsWith(`Expected \`${what}\` to be `), error.message);
      return true;
    });
  });
}
