import assert from "node:assert/strict";
import { test } from "node:test";
import { readHaproxy } from "#src/lint/read/haproxy.js";
import { type NginxDirective, readNginx } from "#src/lint/read/nginx.js";
import { readProcfile } from "#src/lint/read/procfile.js";
import { readSystemd } from "#src/lint/read/systemd.js";
import { type Problem, Source } from "#src/lint/source/source.js";

function places(problems: readonly Problem[]): string[] {
  return problems.map(({ spot, what }) => `${spot.line}:${spot.column} ${what}`);
}

function show(directives: readonly NginxDirective[]): string[] {
  return directives.flatMap(({ name, args, block }) => {
    const line = [name, ...args.map(({ text }) => text)].join(" ");
    return block === null
      ? [`${line};`]
      : [`${line} {`, ...show(block).map((each) => `  ${each}`), "}"];
  });
}

function nginx(text: string): string[] {
  const { value, problems } = readNginx(new Source("nginx.conf", text));
  return [...show(value), ...places(problems)];
}

test("nginx: words, quotes, comments, variables, blocks", () => {
  assert.deepEqual(
    nginx('a b \'c d\' "e\\"f" # no\r\n;\r\nhttp{server{listen 80;}}\nset $x ${y};b "";'),
    ['a b c d e"f;', "http {", "  server {", "    listen 80;", "  }", "}", "set $x ${y};", "b ;"],
  );
});

test("nginx: a block of Lua is passed over, whatever stands in it", () => {
  assert.deepEqual(
    nginx("access_by_lua_block { local a = { '}' } -- }\n --[[ } ]] x = \"}\" }\nb;"),
    ["access_by_lua_block {", "}", "b;"],
  );
});

test("nginx: what is wrong is said, and the rest is read", () => {
  assert.deepEqual(nginx("a b\n}\nc;"), [
    "c;",
    "1:1 a directive has no semicolon",
    "2:1 a brace closes nothing",
  ]);
  assert.deepEqual(nginx("http {\n a"), [
    "http {",
    "}",
    "2:2 a directive has no semicolon",
    "1:1 a block has no closing brace",
  ]);
  assert.deepEqual(nginx("a 'b"), ["1:3 a quote has no end", "1:1 a directive has no semicolon"]);
});

test("haproxy: sections, the defaults that each takes, words with quotes and variables", () => {
  const text = [
    "global",
    "  maxconn 10 # more",
    "defaults one",
    "  option redispatch",
    "defaults",
    "  mode http",
    "backend a from one",
    '  server "s 1" 10.0.0.1:80 check inter 1s',
    "backend b",
    "  http-request set-header X \"$HOME\" 'it''s' a\\ b '$HOME'",
  ].join("\r\n");
  const { value, problems } = readHaproxy(new Source("haproxy.cfg", text));
  assert.deepEqual(problems, []);
  assert.deepEqual(
    value.sections.map(({ kind, name, defaults, lines }) => [
      kind,
      name,
      defaults?.spot.line,
      lines.length,
    ]),
    [
      ["global", null, undefined, 1],
      ["defaults", "one", undefined, 1],
      ["defaults", null, undefined, 1],
      ["backend", "a", 3, 1],
      ["backend", "b", 5, 1],
    ],
  );
  assert.deepEqual(
    value.sections
      .at(-1)
      ?.lines[0]?.words.map((word) => (word.isLiteral ? word.text : `<${word.text}>`)),
    ["http-request", "set-header", "X", "<$HOME>", "its", "a b", "$HOME"],
  );
  assert.equal(value.sections[3]?.lines[0]?.words[1]?.text, "s 1");
});

test("haproxy: lines under a condition make all of it unsure; a quote without end is said", () => {
  const conditional = readHaproxy(new Source("haproxy.cfg", ".if defined(X)\nbackend a\n.endif"));
  assert.equal(conditional.value.isConditional, true);
  const open = readHaproxy(new Source("haproxy.cfg", "backend a\n  server 'b"));
  assert.deepEqual(places(open.problems), ["2:10 a quote has no end"]);
  assert.deepEqual(places(readHaproxy(new Source("haproxy.cfg", "x y")).problems), [
    "1:1 a line stands before all sections",
  ]);
});

test("systemd: sections, comments, repeated keys, lines that are continued", () => {
  const text = [
    "# a",
    "[Service]",
    "ExecStart=/bin/a \\",
    "; b",
    "  --c",
    "ExecStart=",
    "TimeoutStopSec = 30s  # d",
    "  KillMode=mixed  ",
    "x",
  ].join("\n");
  const source = new Source("a.service", text);
  const { value, problems } = readSystemd(source);
  assert.deepEqual(
    value.map(({ section, key, value }) => [section, key, value.replaceAll(/ +/g, " ")]),
    [
      ["Service", "ExecStart", "/bin/a --c"],
      ["Service", "ExecStart", ""],
      ["Service", "TimeoutStopSec", "30s # d"],
      ["Service", "KillMode", "mixed"],
    ],
  );
  const [start] = value;
  const offset = (start?.value ?? "").indexOf("--c") + (start?.valueSpot.start ?? 0);
  assert.equal(text.slice(offset, offset + 3), "--c");
  assert.deepEqual(places(problems), ["9:1 a line has no `=`"]);
  assert.deepEqual(places(readSystemd(new Source("a.service", "a=b")).problems), [
    "1:1 a setting stands before all sections",
  ]);
});

test("Procfile: a line for each kind of process", () => {
  const text = "web: node server.js  \r\n# no\nworker-1:\tnpm run work\nrelease x";
  const { value } = readProcfile(new Source("Procfile", text));
  assert.deepEqual(
    value.map(({ name, command, commandSpot }) => [
      name,
      command,
      text.slice(commandSpot.start, commandSpot.end),
    ]),
    [
      ["web", "node server.js", "node server.js"],
      ["worker-1", "npm run work", "npm run work"],
    ],
  );
});
