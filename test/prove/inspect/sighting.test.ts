import assert from "node:assert/strict";
import { test } from "node:test";
import { keepInnermost } from "#src/prove/inspect/places/innermost.js";
import { Placer } from "#src/prove/inspect/places/place.js";
import { keepReturned } from "#src/prove/inspect/places/returned.js";
import { sight, type Sighting } from "#src/prove/inspect/places/sighting.js";
import type { Frame, Resource } from "#src/prove/inspect/protocol.js";

const placer = new Placer();

/** `name file:line`, or `Type.name file:line`; the line is the column too. */
function frame(text: string): Frame {
  const [called = "", file = "", at = "1"] = /^(\S+) (.*):(\d+)$/.exec(text)?.slice(1) ?? [];
  const [name = "", type = null] = called.split(".").reverse();
  const place = { file, line: Number(at), column: Number(at) };
  return { name: name === "-" ? null : name, type, ...place, isMapped: false };
}

function see(type: string, ...stacks: readonly string[][]): string | undefined {
  const frames = stacks.map((stack) => stack.map(frame));
  const resource: Resource = { type, request: "r", madeAt: 0, isOver: false, stacks: frames };
  const sighting = sight(resource, placer);
  return sighting && show(sighting);
}

function show({ kind, what, source }: Sighting): string {
  return `${kind} ${what} ${source.file}:${String(source.line)} ${String(source.in)}`;
}

const TIMER = "setTimeout node:timers:1";
const ROUTE = "handle /app/node_modules/express/lib/layer.js:9";

test("the first line outside Node and packages is to blame, with the nearest name of its file", () => {
  assert.equal(
    see("Timeout", [TIMER, "- /app/report.js:12", "buildReport /app/report.js:10", ROUTE]),
    "timer setTimeout /app/report.js:12 buildReport",
  );
  assert.equal(
    see("Timeout", [TIMER, "- /app/sleep.js:2", "buildReport /app/report.js:10"]),
    "timer setTimeout /app/sleep.js:2 null",
  );
});

test("what Node makes in a later turn is to be blamed on the line that began the turn", () => {
  const turn = ["nextTick node:internal/process/task_queues:1", "get node:http:4", "f /app/a.js:3"];
  assert.equal(
    see("ClientRequest", ["onSocketNT node:_http_client:1"], turn),
    "request http.get /app/a.js:3 f",
  );
  const own = ["send /app/node_modules/send/index.js:1"];
  assert.equal(see("ClientRequest", own, turn), undefined, "(control: a turn of a package's own)");
});

test("what packages keep for themselves is nobody's", () => {
  const pool = ["Pool.connect /app/node_modules/pg/pool.js:5", "f /app/a.js:3"];
  assert.equal(see("TCPWRAP", ["connect node:net:1", ...pool]), undefined);
  assert.equal(see("Timeout", [TIMER, ...pool]), undefined);
  assert.equal(see("Timeout", [TIMER, ROUTE]), undefined);
  assert.equal(see("PROMISE", [ROUTE]), undefined);
  assert.equal(
    see("Timeout", ["setStreamTimeout node:internal/stream_base_commons:1", "f /a.js:1"]),
    undefined,
  );
});

test("a call into a package is named as the service made it", () => {
  const stack = [
    "Client.send /app/node_modules/pg/client.js:7",
    "Pool.query /app/node_modules/pg/pool.js:5",
    "list /app/orders.js:3",
  ];
  assert.equal(see("PROMISE", stack), "call pg Pool.query /app/orders.js:3 list");
  const scoped = ["Object.run /app/node_modules/@acme/jobs/index.js:7", "list /app/orders.js:3"];
  assert.equal(see("PROMISE", scoped), "call @acme/jobs run /app/orders.js:3 list");
  const told = [stack[0] ?? "", "emit node:events:1", "list /app/orders.js:3"];
  assert.equal(see("PROMISE", told), undefined, "(control: an event is no call)");
});

test("of a chain what is at its end is kept, and of one line one", () => {
  const sighting = (kind: Sighting["kind"], madeAt: number, lines: readonly number[]): Sighting => {
    const at = lines.map((line) => ({ file: "a.js", line, column: 1, in: null }));
    const [source, ...callers] = at;
    if (source === undefined) throw new Error("a sighting has a line");
    return { kind, what: kind, request: "r", madeAt, isOver: false, way: "", source, callers };
  };
  const next = sighting("call", 1, [3]);
  const timer = sighting("timer", 2, [20, 3]);
  const other = sighting("timer", 3, [20, 3]);
  assert.deepEqual(keepInnermost([other, next, timer]), [timer]);
  assert.deepEqual(keepInnermost([next, { ...timer, request: "s" }]), [
    next,
    { ...timer, request: "s" },
  ]);
  assert.deepEqual(keepInnermost([next, sighting("timer", 2, [20, 4])]).length, 2);
});

test("of a call into a package what it returned counts, and not what outlives it", () => {
  const source = { file: "a.js", line: 3, column: 1, in: null };
  const call = { kind: "call", what: "pg Pool.query", request: "r", source, callers: [] } as const;
  const returned: Sighting = { ...call, madeAt: 1, isOver: true, way: "query" };
  const connection: Sighting = { ...call, madeAt: 2, isOver: false, way: "query connect parse" };
  assert.deepEqual(keepReturned([connection, returned]), []);
  const pending = { ...returned, isOver: false };
  assert.deepEqual(keepReturned([connection, pending]), [connection, pending], "still waited for");
  const again: Sighting = { ...returned, madeAt: 3, isOver: false };
  assert.deepEqual(keepReturned([returned, connection, again]), [again], "the next turn of a loop");
  const another = { ...connection, source: { ...source, line: 4 } };
  assert.deepEqual(keepReturned([returned, another]), [another], "(control: another line)");
});
