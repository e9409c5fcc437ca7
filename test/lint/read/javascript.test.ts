import assert from "node:assert/strict";
import { test } from "node:test";
import { type JavaScript, readJavaScript } from "#src/lint/read/javascript/read.js";
import { Source } from "#src/lint/source/source.js";
import type { Tree } from "#src/lint/source/tree.js";

const UNKNOWN = "?";

function read(text: string): JavaScript {
  return readJavaScript(new Source("a.ts", text)).value;
}

/** A tree as plain data; what is unknown is `?`. */
function plain(tree: Tree | undefined): unknown {
  if (tree?.kind === "scalar") return tree.value;
  if (tree?.kind === "list") return tree.items.map(plain);
  if (tree?.kind !== "mapping") return UNKNOWN;
  return Object.fromEntries(tree.entries.map(({ key, value }) => [key, plain(value)]));
}

/** The first argument of the first call of `f`. */
function valueOf(text: string): unknown {
  return plain(read(text).calls.find(({ callee }) => callee === "f")?.args[0]);
}

const VALUES: readonly (readonly [text: string, value: unknown])[] = [
  ["f(10_000)", 10_000],
  ["f(0x10)", 16],
  ["f(1e3)", 1_000],
  ["f(-5)", -5],
  ["f(30 * 1_000 + 2 * (1 + 1))", 30_004],
  ["f(10 - 2 - 3)", 5],
  ["f('a' + \"b\" + `c`)", "abc"],
  ["f('a\\x41\\u0042\\u{43}\\n')", "aABC\n"],
  ["f(`a${b}c`)", UNKNOWN],
  ["f(true)", true],
  ["f(!0)", true],
  ["f(null)", null],
  ["f([1, , 'b', [2],])", [1, UNKNOWN, "b", [2]]],
  ["f({ a: 1, 'b-c': { d: false, }, 3: [] })", { a: 1, "b-c": { d: false }, "3": [] }],
  ["const a = 5; f({ a })", { a: 5 }],
  ["const T = { a: { b: 7 } } as const; f(T.a.b)", 7],
  ["const T: Record<string, number> = { a: 7 }; f({ ...T, c: 1 })", { a: 7, c: 1 }],
  ["f({ a: 1 } satisfies Options)", { a: 1 }],
  ["f(<Options>{ a: 1 })", UNKNOWN],
  ["f(5 as number | undefined, 6)", 5],
  ["f({ a: x ? 1 : 2, b: 3 })", { a: UNKNOWN, b: 3 }],
  ["f({ a: Number(process.env.A ?? 5), b: 3 })", { a: UNKNOWN, b: 3 }],
  ["f({ a() { return 1; }, b: (x) => x, c: 3 })", { a: UNKNOWN, b: UNKNOWN, c: 3 }],
  ["f({ get a() { return 1; }, async b() {}, c: 3 })", { a: UNKNOWN, b: UNKNOWN, c: 3 }],
  ["f({ [k]: 1, c: 3 })", { "...": UNKNOWN, c: 3 }],
  // What is spread in may replace what stands before it, but nothing behind it.
  ["f({ a: 1, ...rest, c: 3 })", { a: UNKNOWN, "...": UNKNOWN, c: 3 }],
  ['f({ a: /[/"]/.test(b), c: 3 })', { a: UNKNOWN, c: 3 }],
  ["f(1n)", UNKNOWN],
  // Constants that may be something else by then.
  ["let a = 5; f(a)", UNKNOWN],
  ["const a = 5; { const a = 6; } f(a)", UNKNOWN],
  ["const a = 5; function g(a) { f(a); }", UNKNOWN],
  ["const a = 5; g((a) => f(a))", UNKNOWN],
  ["const a = 5; const { b, c: a } = d; f(a)", UNKNOWN],
  ["const a = { b: 1 }; a.b = 2; f(a)", UNKNOWN],
  ["const a = { b: 1 }; Object.assign(a, c); f(a)", UNKNOWN],
  ["const a = [1]; a.push(2); f(a)", UNKNOWN],
  ["const a = a; f(a)", UNKNOWN],
  ["const a = b; const b = a; f(a)", UNKNOWN],
  ["const a = 5\nconst b = 6\nf(a)", 5],
  ["const a = 5\n  * 2\nf(a)", 10],
];

for (const [text, value] of VALUES) {
  test(`javascript: the value of ${text}`, () => {
    assert.deepEqual(valueOf(text), value);
  });
}

test("javascript: constants made of each other grow within bounds", () => {
  const lines = Array.from({ length: 40 }, (_, index) => {
    const next = `a${index + 1}`;
    return `const a${index} = [...${next}, ...${next}, ${next}];`;
  });
  assert.ok(
    JSON.stringify(valueOf(`${lines.join("\n")} const a40 = [1, 2]; f(a0)`)).length < 1_000_000,
  );
});

test("javascript: calls by their names, with their places", () => {
  const text =
    "process!.on?.('SIGTERM', () => { server.close(); }); new Foo(1); http.createServer(app).listen(3000)";
  const calls = read(text).calls.map(({ callee, isNew, spot }) => [
    callee,
    isNew,
    text.slice(spot.start, spot.end),
  ]);
  assert.deepEqual(calls, [
    ["process.on", false, "process!.on?.('SIGTERM', () => { server.close(); })"],
    ["server.close", false, "server.close()"],
    ["Foo", true, "Foo(1)"],
    ["http.createServer", false, "http.createServer(app)"],
    ["http.createServer().listen", false, "http.createServer(app).listen(3000)"],
  ]);
});

test("javascript: what is a definition, a comment, a text or a regular expression is no call", () => {
  const text = [
    "function stop() {}",
    "class A { stop() {} }",
    "// stop()",
    "/* stop() */",
    "'stop()'; `stop()`; /stop()/;",
    "if (a) /'stop()/.test(b);",
    "a / stop / b;",
  ].join("\n");
  assert.deepEqual(
    read(text).calls.map(({ callee }) => callee),
    [],
  );
  assert.deepEqual(
    read("a = b / stop() / c").calls.map(({ callee }) => callee),
    ["stop"],
  );
});

test("javascript: imports of every form", () => {
  const text = `
    import a, { b as c, type D } from "one";
    import * as e from 'two';
    import "three";
    import type { F } from "four";
    export * from "five";
    export { g } from "six";
    const { h, i: j } = require("seven");
    const k = require("eight").lastcall;
    const l = await import("nine");
    import m = require("ten");
    require(name);
    object.require("no");
  `;
  const rows = read(text).imports.map(({ specifier, bindings, isTypeOnly }) =>
    [
      specifier,
      ...bindings.map(({ imported, local }) => `${imported}>${local}`),
      ...(isTypeOnly ? ["type"] : []),
    ].join(" "),
  );
  assert.deepEqual(rows, [
    "one default>a b>c D>D",
    "two *>e",
    "three",
    "four F>F type",
    "five",
    "six g>g",
    "seven h>h i>j",
    "eight lastcall>k",
    "nine *>l",
    "ten *>m",
    "",
  ]);
});

test("javascript: assignments", () => {
  const text =
    "server.keepAliveTimeout = 65 * 1000; module.exports = { apps: [] }\nexport default { a: 1 }; a == b;";
  assert.deepEqual(
    read(text).assignments.map(({ target, value, spot }) => [
      target,
      plain(value),
      text.slice(spot.start, spot.end),
    ]),
    [
      ["server.keepAliveTimeout", 65_000, "server.keepAliveTimeout = 65 * 1000"],
      ["module.exports", { apps: [] }, "module.exports = { apps: [] }"],
      ["export default", { a: 1 }, "export default { a: 1 }"],
    ],
  );
});

test("javascript: JSX with an apostrophe hides nothing behind its line", () => {
  const { calls } = read("const a = <p>Don't</p>;\nprocess.on('SIGTERM', stop);");
  assert.deepEqual(
    calls.map(({ callee }) => callee),
    ["process.on"],
  );
});
