import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "yaml";
import { readOpenApi } from "#src/prove/traffic/openapi.js";

const SHOP = `openapi: 3.1.0
info: { title: Shop, version: "1" }
servers:
  - url: https://{region}.shop.example/api/{version}/
    variables:
      region: { default: eu }
      version: { default: v2 }
paths:
  /products/{kind}:
    parameters:
      - $ref: "#/components/parameters/Kind"
    get:
      parameters:
        - { name: page, in: query, schema: { type: integer, default: 2 } }
        - { name: limit, in: query, required: true, schema: { type: integer, minimum: 5 } }
        - { name: sort, in: query, schema: { type: string } }
        - { name: tags, in: query, example: [a b, c] }
        - { name: ids, in: query, explode: false, example: [1, 2] }
        - { name: filter, in: query, style: deepObject, example: { from: 1 } }
        - { name: X-Shop, in: header, required: true, schema: { type: string, enum: [one, two] } }
        - { name: Authorization, in: header, required: true, schema: { type: string } }
        - { name: session, in: cookie, required: true, schema: { type: string, format: uuid } }
    head: {}
  /orders:
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema: { $ref: "#/components/schemas/Order" }
  /files:
    put:
      requestBody: { required: true, content: { application/octet-stream: {} } }
  /forms:
    servers: [{ url: / }]
    post:
      requestBody:
        content:
          application/x-www-form-urlencoded: { example: { a b: c } }
components:
  parameters:
    Kind: { name: kind, in: path, required: true, examples: { tea: { value: green tea } } }
  schemas:
    Order:
      allOf:
        - type: object
          required: [id, lines, parent]
          properties:
            id: { type: string, format: uuid, readOnly: false }
            lines: { type: array, items: { type: object, required: [count], properties: { count: { type: integer } } } }
            note: { type: string }
            kind: { type: string, default: tea }
            parent: { $ref: "#/components/schemas/Order" }
        - properties: { paid: { type: boolean, example: false } }
`;

const UUID = "123e4567-e89b-12d3-a456-426614174000";

function check(text: string): void {
  const { requests, notes } = readOpenApi("shop.yaml", text);
  const [products, head, order, form] = requests.map(({ template }) => template);
  assert.equal(
    products?.path,
    "/api/v2/products/green%20tea?page=2&limit=5&tags=a%20b&tags=c&ids=1,2&filter[from]=1",
  );
  assert.deepEqual(products.headers, [
    ["X-Shop", "one"],
    ["Cookie", `session=${UUID}`],
  ]);
  assert.deepEqual([head?.method, head?.path], ["HEAD", "/api/v2/products/green%20tea"]);
  const body = JSON.parse(order?.body ?? "") as { parent: { kind: string } };
  assert.deepEqual(
    { ...body, parent: null },
    { id: UUID, lines: [{ count: 1 }], kind: "tea", parent: null, paid: false },
  );
  assert.equal(body.parent.kind, "tea");
  assert.deepEqual(order?.headers, [["Content-Type", "application/json"]]);
  assert.deepEqual([form?.path, form?.body], ["/forms", "a+b=c"]);
  assert.equal(notes.length, 1);
  assert.match(
    notes[0] ?? "",
    /^shop\.yaml:\d+: left out PUT \/files, whose body is neither JSON, a form nor text$/,
  );
  assert.deepEqual(requests[0]?.paths, [
    "/products/{kind}",
    "/api/v2/products/{kind}",
    "/api/v2/products/green%20tea",
  ]);
}

test("OpenAPI: parameters, bodies and the servers' base path, from YAML", () => check(SHOP));
test("OpenAPI: the same from JSON", () => check(JSON.stringify(parse(SHOP), null, 2)));

function minimal(operation: string): string {
  return `openapi: 3.0.3\npaths:\n  /a/{id}:\n    get:\n${operation.replace(/^/gmu, "      ")}\n`;
}

for (const [what, text, message] of [
  ["broken YAML", "openapi: 3.0.0\npaths:\n  a: [1\n  b: 2\n", /^f:\d: Expected YAML or JSON: /],
  [
    "a key twice",
    "openapi: 3.0.0\npaths: {}\npaths: {}\n",
    /^f:3: Expected YAML or JSON: Map keys must be unique$/,
  ],
  ["broken JSON", '{\n"openapi": "3.0.0",\n}', /^f:3: Expected JSON, got `}`$/],
  [
    "another version",
    "info: {}\nswagger: '2.0'\n",
    /^f:2: Expected `openapi: 3\.…`, got swagger `2\.0`$/,
  ],
  ["something else", "kind: Deployment\n", /^f:1: Expected `openapi: 3\.…`, got none$/],
  [
    "no operation",
    "openapi: 3.0.0\npaths:\n  /a: {}\n",
    /^f:3: Expected at least one operation in `paths`, got none$/,
  ],
  [
    "a parameter without a value",
    minimal("parameters:\n  - { name: id, in: path, required: true }"),
    /^f:6: Expected path parameter `id` to have an example, a default or a type, got none$/,
  ],
  [
    "a parameter that is not described",
    minimal("summary: x"),
    /^f:5: Expected path parameter `id` to be described$/,
  ],
  [
    "a dangling reference",
    minimal("parameters:\n  - $ref: '#/components/parameters/No'"),
    /^f:6: Expected `#\/components\/parameters\/No` to exist$/,
  ],
  [
    "a reference to another file",
    minimal("parameters:\n  - $ref: 'common.yaml#/x'"),
    /^f:6: Expected a reference inside this file, got `common\.yaml#\/x`$/,
  ],
  [
    "references in a circle",
    "openapi: 3.0.0\npaths:\n  /a:\n    $ref: '#/paths/~1a'\n",
    /^f:4: Expected `#\/paths\/~1a` not to lead back to itself$/,
  ],
] as const) {
  test(`OpenAPI: ${what} → one sentence with file and line`, () => {
    assert.throws(() => readOpenApi("f", text), { name: "TrafficError", message });
  });
}
