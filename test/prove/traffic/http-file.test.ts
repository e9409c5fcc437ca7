// Files of JetBrains' HTTP client and VS Code's REST Client.
import assert from "node:assert/strict";
import { test } from "node:test";
import { readHttpFile } from "#src/prove/traffic/http-file.js";
import type { Traffic } from "#src/prove/traffic/traffic.js";

function read(text: string, env: NodeJS.ProcessEnv = {}): Traffic {
  const include = (name: string): string => {
    if (name === "order.json") return '{"id":"{{id}}","of":"{{kind}}"}\n';
    throw new Error(`Expected \`${name}\` to be a file that can be read (ENOENT)`);
  };
  return readHttpFile("shop.http", text, { env, include });
}

const SHOP = `
@host = localhost:3000
@base = http://{{host}}/api/v1
@kind=tea

### All products
# @name products
# @weight 3
// @expect 200
GET {{base}}/products
    ?kind={{kind}}
    &page=1 HTTP/1.1
Accept: application/json
Host: elsewhere.example
Authorization: Basic ann secret

### An order
# @expect 201,409
# @expect-body "taken"
POST {{base}}/orders HTTP/1.1
Content-Type: application/json
X-Trace: {{$guid}}

{
  "id": "{{id}}",
  "kind": "{{ kind }}"
}

> {%
  client.test("created", () => client.assert(response.status === 201));
%}

###
/health?deep=1

###
POST https://service.example/form
Content-Type: application/x-www-form-urlencoded

a=1
&b={{kind}}

### a comment alone, then one over another protocol
# nothing here
###
WEBSOCKET ws://localhost/live
`;

test(".http: variables, names, directives, queries over lines, headers, bodies, response handlers", () => {
  const { requests, notes } = read(SHOP);
  const templates = requests.map(({ template }) => template);
  assert.deepEqual(
    templates.map(({ method, path }) => `${method} ${path}`),
    [
      "GET /api/v1/products?kind=tea&page=1",
      "POST /api/v1/orders",
      "GET /health?deep=1",
      "POST /form",
    ],
  );
  const [products, order, health, form] = templates;
  assert.deepEqual([products?.weight, products?.expect?.statuses], [3, [[200, 200]]]);
  assert.deepEqual(products?.headers, [
    ["Accept", "application/json"],
    ["Authorization", `Basic ${Buffer.from("ann:secret").toString("base64")}`],
  ]);
  assert.equal(order?.body, '{\n  "id": "{{id}}",\n  "kind": "tea"\n}');
  assert.deepEqual(order.headers?.at(-1), ["X-Trace", "{{$uuid}}"]);
  assert.deepEqual(order.expect?.statuses, [
    [201, 201],
    [409, 409],
  ]);
  assert.equal(order.expect?.body?.pattern.test("it is taken"), true);
  assert.deepEqual([health?.weight, health?.expect, health?.body], [1, undefined, ""]);
  assert.equal(form?.body, "a=1&b=tea");
  assert.deepEqual(notes, ["shop.http:46: left out, as it is not HTTP"]);
});

test(".http: a host that only an environment of the user's other tools knows is not needed", () => {
  const { requests } = read(
    "GET {{host}}:{{port}}/a?b={{id}}\n###\nGET {{scheme}}://{{host}}/c/{{id}}\n###\nDELETE {{url}}",
  );
  assert.deepEqual(
    requests.map(({ template }) => template.path),
    ["/a?b={{id}}", "/c/{{id}}", "/"],
  );
});

test(".http: the environment, random values, and files in bodies", () => {
  const text = `@kind = tea
POST /o/{{$randomInt 1 9}}
Authorization: Bearer {{$processEnv TOKEN}}
X-Other: {{$env.TOKEN}}

<@ order.json
###
PUT /o

< order.json`;
  const [first, second] = read(text, { TOKEN: "t1" }).requests.map(({ template }) => template);
  assert.equal(first?.path, "/o/{{$randomInt 1 9}}");
  assert.deepEqual(
    first.headers?.map(([, value]) => value),
    ["Bearer t1", "t1"],
  );
  assert.equal(first.body, '{"id":"{{id}}","of":"tea"}');
  assert.equal(second?.body, '{"id":"{{id}}","of":"{{kind}}"}');
});

test(".http: blank lines around a body are no part of it; the parts of a form have lines of their own", () => {
  const multipart = `POST /up
Content-Type: multipart/form-data; boundary=b


--b
Content-Disposition: form-data; name="a"

< order.json
--b--

###`;
  const [upload, plain] = read(`${multipart}\nPOST /a\n\n\n one\ntwo\n\n`).requests;
  assert.equal(
    upload?.template.body,
    '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n{"id":"{{id}}","of":"{{kind}}"}\n\r\n--b--',
  );
  assert.equal(plain?.template.body, " one\ntwo");
});

for (const [what, text, message] of [
  ["no request", "# nothing\n", "shop.http:1: Expected at least one request, got none"],
  [
    "not a request",
    "\n\nhello world",
    "shop.http:3: Expected a request such as GET /path, got `hello world`",
  ],
  [
    "an unknown method",
    "GTE /a",
    "shop.http:1: Expected a request such as GET /path, got `GTE /a`",
  ],
  [
    "a wrong header",
    "GET /a\nAccept: a\nnonsense\n",
    "shop.http:3: Expected a header field such as Accept: text/html, got `nonsense`",
  ],
  [
    "an undefined variable in a path",
    "GET /a/{{no}}",
    "shop.http:1: Expected a variable that is defined, got `{{no}}`: add `@no = …`",
  ],
  [
    "an undefined variable in a body",
    "POST /a\n\n{\n{{no}}",
    "shop.http:4: Expected a variable that is defined, got `{{no}}`: add `@no = …`",
  ],
  [
    "a variable of itself",
    "@a = {{b}}\n@b = {{a}}\nGET /{{a}}",
    "shop.http:3: Expected `@a` not to contain itself",
  ],
  [
    "a wrong weight",
    "GET /\n###\n# @weight many\nGET /a",
    "shop.http:3: Expected @weight to be a whole number from 1 to 10000, got `many`",
  ],
  [
    "a directive that is none",
    "# @expected 200\nGET /a",
    "shop.http:1: Expected one of @weight, @expect, @expect-body, @header, got `@expected`",
  ],
  [
    "a script",
    "< {%\n request.x\n%}\nGET /a",
    "shop.http:1: Expected a request without scripts, as none is run here, got `< {%`",
  ],
  [
    "a missing file",
    "POST /a\n\n< no.json",
    "shop.http:3: Expected `no.json` to be a file that can be read (ENOENT)",
  ],
  [
    "a missing environment variable",
    "GET /a\nX: {{$env.NONE}}",
    "shop.http:2: Expected the environment to have `NONE`, which the file asks for",
  ],
  ["no URL", "GET http://[/", "shop.http:1: Expected a URL or a path, got `http://[/`"],
] as const) {
  test(`.http: ${what} → one sentence with file and line`, () => {
    assert.throws(() => read(text), { name: "TrafficError", message });
  });
}
