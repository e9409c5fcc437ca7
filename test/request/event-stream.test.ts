import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";

import { eventStream, LastcallError, type EventStream, type Service } from "lastcall";

import { serve } from "../harness/serve.js";
import { connect } from "../harness/wire.js";

/** What the client of a stream has received when it ends, without the time to come back after. */
async function received(t: TestContext, use: (stream: EventStream) => void): Promise<string> {
  let service: Service | undefined;
  const served = await serve(t, (req, res) => {
    assert.ok(service);
    const stream = eventStream(service, req, res);
    use(stream);
    stream.close();
  });
  ({ service } = served);
  const wire = await connect(served.target);
  await wire.get("/events");
  const { body } = await wire.response();
  return body.replace(/^retry: \d+\n\n/, "");
}

test("an event of several lines is sent as one, whatever ends its lines", async (t) => {
  const body = await received(t, (stream) => stream.send("a\nb\r\nc\rd"));
  assert.equal(body, "data: a\ndata: b\ndata: c\ndata: d\n\n");
});

test("an event's type and id are lines of their own, and must be one each", async (t) => {
  const errors: unknown[] = [];
  const body = await received(t, (stream) => {
    stream.send({ data: "1", event: "tick", id: "7" });
    for (const wrong of [{ event: "a\nb" }, { id: "a\rb" }, { id: "a\0b" }]) {
      try {
        stream.send({ data: "2", ...wrong });
      } catch (error) {
        errors.push(error);
      }
    }
  });
  assert.equal(body, "event: tick\nid: 7\ndata: 1\n\n");
  assert.equal(errors.length, 3);
  for (const error of errors) {
    assert.ok(error instanceof LastcallError);
    assert.equal(error.code, "ERR_LASTCALL_ARGUMENT");
  }
});

test("after its end a stream takes no event, and its signal has aborted", async (t) => {
  let isSent: boolean | undefined;
  let isOver: boolean | undefined;
  const body = await received(t, (stream) => {
    stream.close();
    isOver = stream.signal.aborted;
    isSent = stream.send("late");
  });
  assert.equal(isOver, true);
  assert.equal(isSent, false);
  assert.equal(body, "");
});

test("a `retry` that is no time is refused before anything is sent", () => {
  for (const retry of [-1, Number.NaN, 2 ** 31, "5"]) {
    assert.throws(
      () => eventStream({} as never, {} as never, {} as never, { retry: retry as number }),
      { code: "ERR_LASTCALL_ARGUMENT" },
    );
  }
});
