import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";

import { lastcall } from "lastcall";

import { QUIET } from "../harness/serve.js";

test("a goodbye takes an event emitter and a function, and nothing else", (t) => {
  const service = lastcall(QUIET);
  t.after(() => service.uninstall());
  for (const closable of [undefined, null, {}, "socket"]) {
    assert.throws(() => service.goodbye(closable as never, () => {}), {
      code: "ERR_LASTCALL_ARGUMENT",
    });
  }
  assert.throws(() => service.goodbye(new EventEmitter(), undefined as never), {
    code: "ERR_LASTCALL_ARGUMENT",
  });
});

test("what has closed, was taken back or was replaced is not told", async () => {
  const service = lastcall(QUIET);
  const told: string[] = [];
  const [closed, takenBack, replaced, gone] = Array.from({ length: 4 }, () => new EventEmitter());
  assert.ok(closed && takenBack && replaced && gone);
  service.goodbye(closed, () => told.push("closed"));
  closed.emit("close");
  service.goodbye(takenBack, () => told.push("taken back"))();
  const first = service.goodbye(replaced, () => told.push("first"));
  service.goodbye(replaced, () => {
    told.push("second");
    replaced.emit("close");
  });
  first();
  service.goodbye(Object.assign(gone, { destroyed: true }), () => told.push("gone"));

  const { goodbyes } = await service.drain();

  assert.deepEqual(told, ["second"]);
  assert.deepEqual(goodbyes, { said: 1, overdue: 0 });
  for (const each of [closed, takenBack, replaced, gone]) {
    assert.equal(each.listenerCount("close"), 0);
  }
});

test("what has no destroy() is told by its signal that its time is over", async () => {
  const service = lastcall({ ...QUIET, timeouts: { goodbye: 50 } });
  const closable = new EventEmitter();
  service.goodbye(closable, ({ signal }) => {
    signal.addEventListener("abort", () => closable.emit("close"));
  });

  const { outcome, goodbyes } = await service.drain();

  assert.equal(outcome, "clean");
  assert.deepEqual(goodbyes, { said: 1, overdue: 1 });
});

test("after the drain a goodbye has no effect, and leaves no trace", async () => {
  const service = lastcall(QUIET);
  await service.drain();
  const closable = new EventEmitter();
  service.goodbye(closable, () => assert.fail("told"))();
  assert.equal(closable.listenerCount("close"), 0);
});
