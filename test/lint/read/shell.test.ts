import assert from "node:assert/strict";
import { test } from "node:test";
import { parseShell } from "#src/lint/read/shell/parse.js";

/** `exec node a.js; | sleep 1 &`: each command with what is behind it, indented by its depth. */
function read(text: string): string[] {
  const { commands, isUnderstood } = parseShell(text);
  const lines = commands.map(({ words, isExec, next, depth }) => {
    const line = words.map((word) => (word.isLiteral ? word.text : `<${word.text}>`)).join(" ");
    return `${"  ".repeat(depth)}${isExec ? "exec " : ""}${line}${next === null ? "" : ` ${next}`}`;
  });
  return isUnderstood ? lines : [...lines, "not understood"];
}

const CASES: Readonly<Record<string, readonly string[]>> = {
  "node server.js": ["node server.js"],
  "exec node server.js": ["exec node server.js"],
  "exec -a shop node server.js": ["exec node server.js"],
  "exec >log 2>&1; node a": ["node a"],
  "NODE_ENV=production PORT=80 node a": ["node a"],
  "NODE_ENV=production": [],
  "npm ci && exec node a || true": ["npm ci &&", "exec node a ||", "true"],
  "a; b & c | d |& e": ["a ;", "b &", "c |", "d |", "e"],
  "node a >log 2>>err </dev/null &": ["node a &"],
  "node 'a b' \"c d\" e\\ f": ["node a b c d e f"],
  'node "a$X" ${Y:-"z w"} $(echo "a)b") `c d`': [
    'node <a$X> <${Y:-"z w"}> <$(echo "a)b")> <`c d`>',
  ],
  'exec "$@"': ["exec <$@>"],
  "echo $'a\\n'": ["echo <a\\n>"],
  "ls *.js": ["ls <*.js>"],
  "# a comment\nnode a # another\n": ["node a ;"],
  "node a#b": ["node a#b"],
  "node \\\n  a\\\nb": ["node ab"],
  "node a\r\nnode b\r\n": ["node a ;", "node b ;"],
  "cat <<EOF\nexec no command\nEOF\nnode a": ["cat ;", "node a"],
  "cat <<-'E'\n\tx\n\tE\nnode a": ["cat ;", "node a"],
  'if [ -n "$A" ]; then exec node a; else node b; fi\nnode c': [
    "  [ -n <$A> ] ;",
    "  exec node a ;",
    "  node b ;",
    "node c",
  ],
  "while true; do node a; sleep 1; done": ["  true ;", "  node a ;", "  sleep 1 ;"],
  "for i in 1 2 3; do node $i; done": ["  node <$i> ;"],
  'case "$1" in web|app) exec node a;; *) exec "$@" ;; esac': ["  exec node a ;", "  exec <$@> ;"],
  "[[ -n $A && -f b ]] && node a": ["node a"],
  "(cd a && node b) | logger": ["  cd a &&", "  node b |", "logger"],
  "{ node a; } &\nwait": ["  node a &", "wait"],
  "! time node a": ["node a"],
  "trap 'kill -TERM $P' TERM; node a & P=$!; wait $P": [
    "trap kill -TERM $P TERM ;",
    "node a &",
    "wait <$P>",
  ],
  // A function may end in any way, and one that is not called does nothing.
  "main() { node a; }\nmain": ["  node a ;", "main", "not understood"],
  "function f { node a; }\nnode b": ["  node a ;", "node b"],
  "node 'a": ["node a", "not understood"],
  'node "$(a': ["node <$(a>", "not understood"],
  "if a; then b": ["  a ;", "  b", "not understood"],
  "a; fi": ["a ;", "fi"],
  "a )": ["a", "not understood"],
  "": [],
};

for (const [text, expected] of Object.entries(CASES)) {
  test(`shell: ${JSON.stringify(text)}`, () => {
    assert.deepEqual(read(text), expected);
  });
}

test("shell: words stand where they are written", () => {
  const text = 'A=1 exec node "a b" c';
  const [command] = parseShell(text).commands;
  assert.deepEqual(
    command?.words.map(({ start, end }) => text.slice(start, end)),
    ["node", '"a b"', "c"],
  );
  assert.equal(text.slice(command?.start, command?.end), text);
});

test("shell: what is nested without end is given up, and does not overflow", () => {
  assert.equal(parseShell("(".repeat(100_000)).isUnderstood, false);
  assert.equal(parseShell("if a; then ".repeat(10_000)).isUnderstood, false);
});
