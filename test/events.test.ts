import assert from "node:assert/strict";
import diagnostics from "node:diagnostics_channel";
import { once } from "node:events";
import { test, type TestContext } from "node:test";

import type { DrainReport, EventName, Service } from "lastcall";

import { Hold } from "./harness/hold.js";
import { serve } from "./harness/serve.js";
import { connect } from "./harness/wire.js";

const NAMES: EventName[] = [
  "phase",
  "drain-start",
  "drain-end",
  "lame-duck-end",
  "listeners-closed",
  "request-abort",
  "request-cut",
  "stall",
  "certificate-reload",
  "registry-enter",
  "registry-leave",
  "hook-start",
  "hook-end",
  "task-start",
  "task-end",
  "warning",
];

type Seen = [name: string, event: { service: string; atMs: number }];

/** Everything a service tells its listeners, and everything the channels tell of that service. */
function listen(t: TestContext, service: Service, name: string): { own: Seen[]; channel: Seen[] } {
  const own: Seen[] = [];
  const channel: Seen[] = [];
  for (const event of NAMES) {
    service.on(event, (message) => own.push([event, message]));
    const hear = (message: unknown): void => {
      const seen = message as Seen[1];
      if (seen.service === name) channel.push([event, seen]);
    };
    diagnostics.subscribe(`lastcall:${event}`, hear);
    t.after(() => diagnostics.unsubscribe(`lastcall:${event}`, hear));
  }
  return { own, channel };
}

test("service.on and diagnostics_channel give the same objects in the same order, for a whole drain", async (t) => {
  const hold = new Hold();
  const { service, target } = await serve(t, hold.app, {
    name: "whole",
    gracePeriod: 3_000,
    // Longer than the turn in which the drain begins takes on a busy machine.
    lameDuck: { max: 200 },
    abortWindow: 100,
    closingWindow: 2_300,
  });
  const { own, channel } = listen(t, service, "whole");
  service.registry("registry", { leave: () => {} });
  service.hook("pool", () => {
    throw new Error("no such pool");
  });
  service.hook("cache", () => {}, { after: ["nothing"] });
  service.task("outbox", ({ stopping }) => once(stopping, "abort"));
  service.waitUntil(new Promise(() => {}), "mail");
  const client = await connect(target);
  await client.get("/deaf?secret=1");
  await hold.next();
  const report = await service.drain("test");

  assert.deepEqual(own, channel);
  for (const [index, [, event]] of own.entries()) assert.equal(event, channel[index]?.[1]);
  const told = own.map(([name, event]) => {
    const { to, code } = event as { to?: string; code?: string; name?: string };
    const { name: of } = event as { name?: string };
    return [name, to ?? code ?? of].filter((part) => part !== undefined).join(" ");
  });
  assert.deepEqual(told, [
    "task-start outbox",
    "task-start mail",
    "phase lame-duck",
    "drain-start",
    "task-end outbox",
    "registry-leave registry",
    "lame-duck-end",
    "phase draining",
    "listeners-closed",
    "phase aborting",
    "request-abort",
    "request-cut",
    "phase closing",
    "warning unknown-hook",
    "hook-start pool",
    "hook-start cache",
    "hook-end pool",
    "hook-end cache",
    "phase closed",
    "drain-end",
  ]);
  const last = own.at(-1)?.[1] as unknown as { report: DrainReport };
  assert.equal(last.report, report);
  const instants = own.map(([, { atMs }]) => atMs);
  assert.deepEqual(
    instants,
    instants.toSorted((a, b) => a - b),
  );
  const abort = own.find(([name]) => name === "request-abort")?.[1];
  assert.deepEqual(
    { ...abort, ageMs: 0, atMs: 0 },
    {
      service: "whole",
      method: "GET",
      route: "/deaf",
      reaction: "no signal",
      ageMs: 0,
      atMs: 0,
    },
  );
});

test("a listener that throws or rejects, also one for warnings, costs a warning and nothing else", async (t) => {
  const hold = new Hold();
  const { service, target } = await serve(t, hold.app);
  const client = await connect(target);
  await client.get("/");
  const { res } = await hold.next();
  const heard: string[] = [];
  for (const name of NAMES) {
    service.on(name, () => {
      throw new Error(`${name} threw`);
    });
    const rejects: unknown = () => Promise.reject(`${name} rejected`);
    service.on(name, rejects as () => void);
    service.on(name, () => heard.push(name));
  }
  const drained = service.drain();
  res.end("ok");
  assert.equal((await client.response()).body, "ok");
  const { outcome, warnings } = await drained;
  assert.equal(outcome, "clean");
  // The listeners behind the one that throws hear everything.
  for (const name of ["phase", "drain-start", "listeners-closed", "drain-end", "warning"]) {
    assert.ok(heard.includes(name), name);
  }
  const messages = warnings.map(({ code, message }) => `${code}: ${message}`);
  assert.ok(
    messages.includes('listener-threw: A listener of "drain-start" threw: drain-start threw'),
  );
  assert.ok(
    messages.includes(
      'listener-threw: A listener of "drain-start" threw: A value that is not an Error was thrown: `"drain-start rejected"` (string)',
    ),
    messages.join("\n"),
  );
  assert.ok(messages.includes('listener-threw: A listener of "warning" threw: warning threw'));
});

test("a listener that throws a thousand times does not fill the memory of a service that runs for months", async (t) => {
  const { service } = await serve(t, (_, res) => res.end());
  service.on("task-end", ({ name }) => {
    throw new Error(name);
  });
  for (let index = 0; index < 1_000; index++) {
    service.waitUntil(Promise.resolve(), `task ${index}`);
  }
  const { warnings } = await service.drain();
  assert.ok(warnings.length > 0 && warnings.length <= 20, `${warnings.length} warnings`);
});

test("on() returns what stops listening; a listener may be added and removed while it is called", async (t) => {
  const { service } = await serve(t, (_, res) => res.end());
  let count = 0;
  const stop = service.on("phase", () => {
    count++;
    stop();
    service.on("phase", () => count++);
  });
  await service.drain();
  // draining: the first; closing and closed: the second.
  assert.equal(count, 3);
  stop();
});

test("a listener may call drain(): it joins the one it is told of", async (t) => {
  const { service } = await serve(t, (_, res) => res.end(), { lameDuck: { max: 10 } });
  const joined: Promise<DrainReport>[] = [];
  service.on("phase", () => joined.push(service.drain("from phase")));
  service.on("drain-start", () => joined.push(service.drain("from drain-start")));
  service.stopping.addEventListener("abort", () => joined.push(service.drain("from stopping")));
  const report = await service.drain("first");
  assert.equal(report.reason, "first");
  assert.ok(joined.length >= 3);
  for (const each of await Promise.all(joined)) assert.equal(each, report);
});

test("a report function that throws or rejects costs no drain, and the report goes to stderr", async (t) => {
  const written: string[] = [];
  t.mock.method(process.stderr, "write", (text: string, done?: () => void) => {
    written.push(text);
    done?.();
    return true;
  });
  const throws = (): void => {
    throw new Error("no sink");
  };
  const rejects: unknown = () => Promise.reject(new Error("no sink"));
  for (const report of [throws, rejects as () => void]) {
    written.length = 0;
    const { service } = await serve(t, (_, res) => res.end(), { report });
    const { outcome } = await service.drain();
    assert.equal(outcome, "clean");
    await new Promise(setImmediate);
    const line = written.find((text) => text.startsWith('{"lastcall":"drain"'));
    assert.ok(line !== undefined, written.join(""));
    const { warnings } = JSON.parse(line) as DrainReport;
    assert.deepEqual(warnings, [
      { code: "report-threw", message: "The report function threw: no sink" },
    ]);
  }
});
