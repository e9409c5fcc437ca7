import assert from "node:assert/strict";
import { test } from "node:test";
import { readHar } from "#src/prove/traffic/har.js";
import { parseJson } from "#src/prove/traffic/json.js";

const HEADERS = [
  { name: ":authority", value: "shop.example" },
  { name: "Host", value: "shop.example" },
  { name: "Accept-Encoding", value: "gzip" },
  { name: "If-None-Match", value: '"x"' },
  { name: "Content-Length", value: "3" },
  { name: "Cookie", value: "session=1" },
];

function entry(method: string, url: string, rest: object = {}): object {
  return { request: { method, url, headers: HEADERS, ...rest }, response: { status: 200 } };
}

function har(...entries: readonly object[]): string {
  return JSON.stringify({ log: { version: "1.2", entries } }, null, 2);
}

test("HAR: the first origin's requests, equal ones merged by weight, the connection's own fields left out", async () => {
  const json = { mimeType: "application/json", text: '{"a":1}' };
  const form = {
    mimeType: "application/x-www-form-urlencoded",
    params: [{ name: "a b", value: "c&d" }],
  };
  const { requests, notes } = await readHar(
    "visit.har",
    har(
      entry("GET", "https://shop.example/products?page=1#top"),
      entry("GET", "https://cdn.example/logo.svg"),
      entry("POST", "https://shop.example/orders", { postData: json }),
      entry("GET", "https://shop.example/products?page=1"),
      entry("GET", "data:text/plain,x"),
      entry("POST", "https://shop.example/forms", { postData: form }),
    ),
  );
  assert.deepEqual(
    requests.map(({ template: { method, path, body, weight } }) => [method, path, body, weight]),
    [
      ["GET", "/products?page=1", "", 2],
      ["POST", "/orders", '{"a":1}', 1],
      ["POST", "/forms", "a+b=c%26d", 1],
    ],
  );
  assert.deepEqual(requests[0]?.template.headers, [["Cookie", "session=1"]]);
  assert.deepEqual(requests[2]?.template.headers?.[1], [
    "Content-Type",
    "application/x-www-form-urlencoded",
  ]);
  assert.deepEqual(requests[0].paths, ["/products"]);
  assert.deepEqual(notes, [
    "visit.har: left out 1 requests that did not go to https://shop.example",
  ]);
});

for (const [what, text, message] of [
  [
    "cut off",
    har(entry("GET", "http://a/")).slice(0, 60),
    /^x\.har:6: Expected JSON, got the end of the file too early$/,
  ],
  ["no recording", "[]", /^x\.har:1: Expected a recording with `log`, got `\[\]`$/],
  ["no entries", '{\n"log": {}}', /^x\.har:2: Expected a list of entries, got nothing$/],
  ["empty", har(), /^x\.har:4: Expected an entry with an HTTP request, got `\[\]`$/],
  ["a wrong URL", har(entry("GET", "/a")), /^x\.har:8: Expected a URL, got `"\/a"`$/],
  [
    "a wrong entry",
    '{"log":{"entries":[\n{"request":{"method":"GET","url":"http://a/"}},\n7]}}',
    /^x\.har:3: Expected an entry, got `7`$/,
  ],
] as const) {
  test(`HAR: ${what} → one sentence with file and line`, async () => {
    await assert.rejects(readHar("x.har", text), { name: "TrafficError", message });
  });
}

for (const [text, line, got] of [
  ["", 1, "the end of the file too early"],
  ['{\n  "a": 1,\n}', 3, "`}`"],
  ['{\n  "a": 1\n  "b": 2\n}', 3, '`"b": 2`'],
  ['{\n  "a": [1, 2\n}', 3, "`}`"],
  ["{\n  a: 1\n}", 2, "`a: 1`"],
  ['{"a": tru}', 1, "`tru}`"],
  ['{"a": 01}', 1, "`01}`"],
  ['{"a": "x\ny"}', 1, '`"x`'],
  ['{"a": "\\x"}', 1, '`"\\x"}`'],
  ['{"a": 1}\n\nmore', 3, "`more`"],
  ['{"a":\n\n', 3, "the end of the file too early"],
  ["<html>\n", 1, "`<html>`"],
] as const) {
  test(`JSON: ${JSON.stringify(text)} is wrong in line ${String(line)}`, () => {
    assert.throws(() => JSON.parse(text), SyntaxError);
    const message = `f:${String(line)}: Expected JSON, got ${got}`;
    assert.throws(() => parseJson("f", text), { name: "TrafficError", message });
  });
}
