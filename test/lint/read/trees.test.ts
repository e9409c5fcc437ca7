import assert from "node:assert/strict";
import { test } from "node:test";
import { attributeOf, blocksOf, type HclBody, readHcl } from "#src/lint/read/hcl/hcl.js";
import { readToml } from "#src/lint/read/toml/toml.js";
import { Source } from "#src/lint/source/source.js";
import type { Tree } from "#src/lint/source/tree.js";

/** A tree as plain data; what is unknown is `?`. */
function plain(tree: Tree): unknown {
  if (tree.kind === "scalar") return tree.value;
  if (tree.kind === "list") return tree.items.map(plain);
  if (tree.kind === "unknown") return "?";
  return Object.fromEntries(tree.entries.map(({ key, value }) => [key, plain(value)]));
}

function toml(text: string): unknown {
  const { value, problems } = readToml(new Source("a.toml", text));
  if (problems.length === 0) return plain(value);
  return [plain(value), ...problems.map(({ spot, what }) => `${spot.line}:${spot.column} ${what}`)];
}

const DOCUMENT = `
title = "a \\"b\\" \\u00e9" # comment
'quoted key' = 'C:\\x'
a.b.c = 1_000
hex = 0x1F
float = -1.5e3
day = 1979-05-27 07:32:00Z
text = """
one \\
   two"""
list = [ 1, 'two', [true], # three
]
inline = { x = 1, y.z = "q" }

[server]
port = 8080
[server.tls]
on = true
[[service]]
name = "one"
[service.check]
every = "5s"
[[service]]
name = "two"
`;

test("toml: every kind of value and table", () => {
  assert.deepEqual(toml(DOCUMENT), {
    title: 'a "b" é',
    "quoted key": "C:\\x",
    a: { b: { c: 1_000 } },
    hex: 31,
    float: -1_500,
    day: "1979-05-27 07:32:00Z",
    text: "one two",
    list: [1, "two", [true]],
    inline: { x: 1, y: { z: "q" } },
    server: { port: 8_080, tls: { on: true } },
    service: [{ name: "one", check: { every: "5s" } }, { name: "two" }],
  });
  assert.deepEqual(toml(DOCUMENT.replaceAll("\n", "\r\n")), toml(DOCUMENT));
});

test("toml: places are those of keys and values", () => {
  const source = new Source("a.toml", '[a]\nb = "c"\n');
  const table = readToml(source).value.entries[0]?.value;
  assert.ok(table?.kind === "mapping");
  const [entry] = table.entries;
  assert.deepEqual([entry?.keySpot.line, entry?.keySpot.column], [2, 1]);
  assert.equal(source.at(entry?.value.spot ?? source.spot(0)), '"c"');
});

test("toml: a line with a fault is left out, and the others hold", () => {
  assert.deepEqual(toml("a = 1\nb =\nc = x\nd = 4 5\na = 2\n[a]\ne = 1\n[f\n[g]\nh = 1"), [
    { a: 1, d: 4, g: { h: 1 } },
    "2:1 expected a value",
    "3:1 expected a value",
    "4:1 more than one value on a line",
    "5:1 a key that is there already",
    "6:1 a table where there is a value already",
    "8:1 expected `[table]` or `[[list]]`",
  ]);
});

function hcl(text: string): unknown {
  const { value, problems } = readHcl(new Source("a.hcl", text));
  const faults = problems.map(({ spot, what }) => `${spot.line}:${spot.column} ${what}`);
  return faults.length === 0 ? body(value) : [body(value), ...faults];
}

function body({ attributes, blocks }: HclBody): unknown {
  return {
    ...Object.fromEntries(attributes.map(({ key, value }) => [key, plain(value)])),
    ...Object.fromEntries(
      blocks.map((block) => [[block.type, ...block.labels].join(" "), body(block)]),
    ),
  };
}

test("hcl: blocks, attributes, literals, heredocs; what is no literal is unknown", () => {
  const text = `
# a
job "shop" { // b
  datacenters = ["dc1", "dc2"] /* c */
  group api {
    count = 2
    task "web" {
      driver = "docker"
      config { args = ["-c", <<EOF
a }
EOF
      ] }
      env {
        A = "x\${y}"
        B = 1 + 2
      }
      meta = { a = 1, "b" : true
        c = null }
      kill_timeout = var.timeout
      kill_signal = "SIGTERM"
    }
  }
}`;
  assert.deepEqual(hcl(text), {
    "job shop": {
      datacenters: ["dc1", "dc2"],
      "group api": {
        count: 2,
        "task web": {
          driver: "docker",
          config: { args: ["-c", "a }"] },
          env: { A: "?", B: "?" },
          meta: { a: 1, b: true, c: null },
          kill_timeout: "?",
          kill_signal: "SIGTERM",
        },
      },
    },
  });
});

test("hcl: blocks and attributes are found by their names, with their places", () => {
  const source = new Source("a.hcl", 'task "a" {\n  x = 1\n}\ntask "b" {}');
  const { value } = readHcl(source);
  const [first, second] = blocksOf(value, "task");
  assert.equal(second?.labels[0], "b");
  assert.ok(first !== undefined);
  assert.equal(source.at(first.spot), 'task "a" {');
  assert.equal(source.at(first.whole), 'task "a" {\n  x = 1\n}');
  assert.equal(attributeOf(first, "x")?.keySpot.line, 2);
  assert.equal(attributeOf(first, "y"), undefined);
});

test("hcl: what is wrong is said, and the rest is read", () => {
  assert.deepEqual(hcl("}\na = 1\n* 2\nb {"), [
    { a: 1, b: {} },
    "1:1 a brace closes nothing",
    "3:1 expected `name = value` or a block",
    "4:1 a block has no closing brace",
  ]);
});
