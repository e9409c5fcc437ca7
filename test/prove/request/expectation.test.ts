// What a request says of its answer, and when a wrong one is the stop's doing.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CannotRunError, prove } from "#src/prove/index.js";
import { Baseline } from "#src/prove/load/baseline.js";
import { Turns } from "#src/prove/load/turns.js";
import {
  describeExpectation,
  judgeAnswer,
  parseBodyCheck,
  parseStatuses,
} from "#src/prove/request/expectation.js";
import { fill } from "#src/prove/request/fill.js";
import { encodeRequest, parseRequest, type RequestTemplate } from "#src/prove/request/request.js";
import { openRun, serveRaw, targetOn } from "../load/open-run.js";
import { commandOf, proveFixture } from "../prove-fixture.js";

function read(text: string): RequestTemplate {
  const request = parseRequest(text);
  assert.ok(request !== undefined, text);
  return request;
}

test("a request's directives: weight, fields, expected status and body", () => {
  const request = read(
    String.raw`@weight 3 @expect 201,4xx @expect-body "say \"ok\"" @header "X-Kind: {{id}}" POST /o {"a":1}`,
  );
  assert.deepEqual(
    [request.method, request.path, request.body, request.weight],
    ["POST", "/o", '{"a":1}', 3],
  );
  assert.deepEqual(request.expect?.statuses, [
    [201, 201],
    [400, 499],
  ]);
  assert.equal(request.expect?.body?.pattern.test('they say "ok" here'), true);
  const text = encodeRequest(request, {
    id: "x-9",
    authority: "127.0.0.1:80",
    close: false,
  }).toString();
  assert.match(text, /\r\nX-Kind: x-9\r\n/);
});

for (const text of [
  "@weight 0 GET /",
  "@weight GET /",
  "@expect 600 GET /",
  "@expect ok GET /",
  "@expect-body /(/ GET /",
  '@header "no field" GET /',
  '@header "Content-Length: 3" GET /',
  "@wieght 3 GET /",
  "@weight 3",
]) {
  test(`a request's directives: \`${text}\` is not a request`, () => {
    assert.equal(parseRequest(text), undefined);
  });
}

test("a field of the request takes the place of the load's own, whatever its case", () => {
  const request = {
    ...read("POST /o text"),
    headers: [
      ["ACCEPT", "a/b"],
      ["content-type", "x/y"],
      ["Host", "shop.example"],
    ],
  } as const;
  const text = encodeRequest(request, {
    id: "x",
    authority: "127.0.0.1:80",
    close: false,
  }).toString();
  assert.equal(text.match(/accept:/giu)?.length, 1);
  assert.match(text, /\r\nACCEPT: a\/b\r\ncontent-type: x\/y\r\nHost: shop\.example\r\n/);
  assert.doesNotMatch(text, /127\.0\.0\.1/);
});

test("what is filled in for each request is determined by its id", () => {
  const text = "{{id}} {{$uuid}} {{$randomInt 5 9}} {{other}}";
  assert.equal(fill(text, "a"), fill(text, "a"));
  assert.notEqual(fill(text, "a"), fill(text, "b"));
  assert.match(
    fill(text, "a"),
    /^a [0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12} [5-8] \{\{other\}\}$/,
  );
  assert.match(fill("{{$timestamp}}", "a"), /^\d{10}$/);
});

test("an answer against its expectation", () => {
  const statuses = parseStatuses("2xx,404");
  const body = parseBodyCheck("/^o.$/");
  const kinds = (status: number, text: string): string | undefined =>
    judgeAnswer({ statuses, body }, { status, body: text })?.kind;
  assert.deepEqual(
    [kinds(200, "ok"), kinds(404, "on"), kinds(403, "ok"), kinds(500, "ok"), kinds(200, "no ok")],
    [undefined, undefined, "unexpected-status", "5xx", "unexpected-body"],
  );
  assert.equal(judgeAnswer(undefined, { status: 499, body: "" }), undefined);
  assert.equal(judgeAnswer(undefined, { status: 500, body: "" })?.kind, "5xx");
  assert.equal(
    judgeAnswer({ statuses: parseStatuses("503") }, { status: 503, body: "" }),
    undefined,
  );
  assert.equal(describeExpectation({ statuses, body }), "2xx or 404 with /^o.$/ in its body");
  assert.equal(parseBodyCheck("a.b")?.pattern.test("axb"), false, "bare text is no pattern");
});

for (const [answer, outcome] of [
  ["HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nok", "dropped unexpected-status"],
  [
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nn\r\n1\r\no\r\n0\r\n\r\n",
    "dropped unexpected-body",
  ],
  [
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1\r\nk\r\n0\r\n\r\n",
    "ok complete",
  ],
] as const) {
  test(`an answer on the wire against its expectation → ${outcome}`, async (t) => {
    const { run, faults } = openRun({ requests: [read("@expect 200 @expect-body ok GET /")] });
    const port = await serveRaw(t, (socket) => socket.once("data", () => socket.write(answer)));
    const connection = run.connect("pool", targetOn(port));
    await run.request(connection, run.nextRequest());
    connection.leave();
    assert.deepEqual(
      run.recorder.entries.map((entry) => `${entry.outcome} ${entry.kind}`),
      [outcome],
    );
    assert.deepEqual(faults, []);
  });
}

test("a baseline: a miss counts when the request was right before the signal, and only then", () => {
  const template = read("@expect 201 POST /o");
  const note = (...answers: readonly [boolean, number][]): string[] => {
    const baseline = new Baseline();
    for (const [isMet, at] of answers) baseline.note(template, isMet, { status: 404, at });
    return baseline.faults(100);
  };
  assert.deepEqual(note([true, 10], [false, 110]), []);
  assert.deepEqual(note([true, 10], [true, 110]), []);
  assert.deepEqual(note([true, 10], [false, 20]), [
    "POST /o answered 404 before the signal, expected 201",
  ]);
  assert.deepEqual(note([false, 110], [true, 120]), [
    "POST /o answered 404 and never before the signal, expected 201",
  ]);
});

test("weights: each request as often as it says, spread, and always in the same order", () => {
  const templates = [read("@weight 3 GET /a"), read("GET /b"), read("@weight 2 GET /c")];
  const draw = (): string => {
    const turns = new Turns();
    return Array.from({ length: 12 }, () => turns.next(templates).path.slice(1)).join("");
  };
  assert.equal(draw(), draw());
  assert.equal(draw(), "acabcaacabca");
  const plain = [read("GET /a"), read("GET /b")];
  const turns = new Turns();
  assert.equal(Array.from({ length: 4 }, () => turns.next(plain).path).join(""), "/a/b/a/b");
});

test("an expectation that the service does not meet before the signal → could not run, and what it answered", async () => {
  const requests = ["GET /", "@expect 204 POST /orders {}"];
  await assert.rejects(
    prove({ command: commandOf("stops-correctly"), requests, warmup: 50, lag: 100 }),
    (error: unknown) => {
      assert.ok(error instanceof CannotRunError);
      assert.equal(error.code, "PROVE_UNEXPECTED_ANSWER");
      assert.match(
        error.message,
        /^POST \/orders answered 201 before the signal, expected 204: mend /,
      );
      return true;
    },
  );
});

test("an answer that is wrong only after the signal is dropped; without an expectation it is fine", async () => {
  const env = { ...process.env, LAME_DUCK_MS: "700" };
  const requests = ["@expect 200 GET /", '@expect-body "ok" GET /page'];
  const slow = ["@expect 200 GET /slow"];
  const { result, rows } = await proveFixture("answers-404", { env, requests, slow });
  assert.equal(result.verdict, "fail");
  assert.deepEqual(result.trials[0]?.faults, []);
  const late = rows.filter(({ outcome }) => outcome === "dropped");
  assert.deepEqual(
    [
      ...new Set(late.map(({ path, kind, status }) => `${path} ${kind} ${String(status)}`)),
    ].toSorted(),
    ["/ unexpected-status 404", "/page unexpected-body 200"],
  );
  assert.ok(late.every(({ endMs }) => endMs > 0));
  const control = await proveFixture("answers-404", { env, requests: ["GET /", "GET /page"] });
  assert.equal(control.result.verdict, "pass");
});
