import assert from "node:assert/strict";
import { once } from "node:events";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import test, { type TestContext } from "node:test";
import tls from "node:tls";

import type { Program } from "../harness/program.js";
import { keepBound } from "../harness/measure.js";
import { serve } from "../harness/serve.js";
import { connectMany, startStalling, tally, type Stalling } from "../harness/stall.js";
import { connect, Wire, type Target } from "../harness/wire.js";

const QUEUED = 100;

/** Brings the program to a stand, queues connections with their requests, and tells it to stop. */
async function stopWithFullQueue(t: TestContext, stalling: Stalling): Promise<Wire[]> {
  const { program, target } = stalling;
  program.kill("SIGUSR2");
  await stalling.blocked();
  const wires = await (target.tls ? queueTls : queueTcp)(t, target);
  program.kill("SIGTERM");
  stalling.release();
  return wires;
}

async function queueTcp(t: TestContext, target: Target): Promise<Wire[]> {
  const wires = await connectMany(t, target, QUEUED);
  await Promise.all(wires.map((wire, index) => wire.get(`/${index}`)));
  return wires;
}

/** Each client's first flight is in the kernel; its request follows as soon as the handshake allows. */
async function queueTls(t: TestContext, target: Target): Promise<Wire[]> {
  const wires = await connectMany(t, { ...target, tls: false }, QUEUED);
  return Promise.all(
    wires.map(async ({ socket: raw }, index) => {
      raw.removeAllListeners("data");
      const socket = tls.connect({ socket: raw, rejectUnauthorized: false });
      const wire = new Wire(socket);
      void wire.get(`/${index}`);
      while (raw.bytesWritten === 0) await new Promise(setImmediate);
      return wire;
    }),
  );
}

for (const [number, isTls] of [
  ["1. accept-queue-drain", false],
  ["2. accept-queue-drain-tls", true],
] as const) {
  test(`${number}: 100 connections queued in the kernel with their requests sent → 100 × 200, 0 resets`, async (t) => {
    const stalling = await startStalling(t, "stall", { tls: isTls, args: ["lastcall"] });
    const wires = await stopWithFullQueue(t, stalling);
    assert.deepEqual(await tally(wires), { "200 close": QUEUED });
    const ends = await Promise.all(wires.map((wire) => wire.ended()));
    assert.deepEqual(new Set(ends), new Set(["fin"]));
    assert.deepEqual(await stalling.program.exit, { code: 0, signal: null });
    assert.equal(stalling.program.report.outcome, "clean");
  });

  test(`${number} (control: a plain close at the same instant loses them)`, async (t) => {
    const stalling = await startStalling(t, "stall", { tls: isTls, args: ["plain"] });
    const outcomes = await tally(await stopWithFullQueue(t, stalling));
    t.diagnostic(`plain server.close(): ${JSON.stringify(outcomes)}`);
    assert.ok((outcomes["lost"] ?? 0) > 0, JSON.stringify(outcomes));
  });
}

/** Keeps connecting and asking until the listener refuses; every answer makes room for the next. */
async function keepAsking(t: TestContext, target: Target, first: Wire): Promise<string[]> {
  const outcomes: string[] = [];
  for (let wire: Wire | undefined = first; wire !== undefined;) {
    const asked: Wire = wire;
    const outcome = await asked.response().then(
      ({ status }) => `${status}`,
      () => (asked.received.length === 0 ? "not accepted" : "truncated"),
    );
    outcomes.push(outcome);
    if (outcome !== "200") break;
    wire = await connect(target).catch(() => undefined);
    t.after(() => asked.close());
    await wire?.get("/again");
  }
  return outcomes;
}

test("1. accept-queue-drain: a process that needs long for each connection answers the whole queue too", async (t) => {
  // 15 ms each: longer than the listener stays open where connections keep arriving.
  const stalling = await startStalling(t, "stall", { args: ["lastcall", "15"] });
  const wires = await stopWithFullQueue(t, stalling);
  assert.deepEqual(await tally(wires), { "200 close": QUEUED });
  assert.deepEqual(await stalling.program.exit, { code: 0, signal: null });
});

/** Fills the queue of a program that needs `cost` ms for each connection, and keeps it full. */
async function stopUnderSiege(
  t: TestContext,
  args: { cost: number; gracePeriod: number; clients: number },
): Promise<{ closedAfter: number; accepted: number; outcomes: string[]; program: Program }> {
  const stalling = await startStalling(t, "stall", {
    args: ["lastcall", String(args.cost), String(args.gracePeriod)],
  });
  const { program, target } = stalling;
  program.kill("SIGUSR2");
  await stalling.blocked();
  const wires = await connectMany(t, target, args.clients);
  await Promise.all(wires.map((wire, index) => wire.get(`/${index}`)));
  program.kill("SIGTERM");
  stalling.release();
  const outcomes = await Promise.all(wires.map((wire) => keepAsking(t, target, wire)));
  const [, after, accepted] = await program.says(/closed after ([\d.]+) ms, (\d+) accepted/);
  await program.exit;
  return {
    closedAfter: Number(after),
    accepted: Number(accepted),
    outcomes: outcomes.flat(),
    program,
  };
}

test("3. accept-queue-drain-bounded: connections keep arriving → LC no later than its cap", async (t) => {
  // Those that wait keep it busy for a second by themselves.
  const args = { cost: 2, gracePeriod: 10_000, clients: 500 };
  const { closedAfter, accepted, outcomes, program } = await stopUnderSiege(t, args);
  const answered = outcomes.filter((outcome) => outcome === "200").length;
  t.diagnostic(`closed after ${closedAfter} ms, ${accepted} accepted, ${answered} answered`);
  assert.ok(closedAfter >= 1_000, "the queue ran dry, which proves nothing");
  // Who waited when the drain began is accepted in any case, however slow the machine is.
  assert.ok(closedAfter < 1_500 || accepted < 520, `LC after ${closedAfter} ms`);
  assert.ok(!outcomes.includes("truncated"), "what was accepted is answered whole");
  assert.equal(program.report.outcome, "clean");
  assert.equal(program.report.requests.begun, answered, "what was executed was answered");
});

test("3. accept-queue-drain-bounded: in a short budget LC no later than half-way to the abort instant", async (t) => {
  const args = { cost: 5, gracePeriod: 1_000, clients: 300 };
  // 1/6 for the hooks, 1/15 for aborting and 1/30 of margin leave 735 ms.
  const least = await keepBound(367 + 500, async () => {
    const { closedAfter } = await stopUnderSiege(t, args);
    t.diagnostic(`closed after ${closedAfter} ms`);
    assert.ok(closedAfter >= 367, "the queue ran dry, which proves nothing");
    return closedAfter;
  });
  assert.ok(least < 367 + 500, `LC after ${least} ms`);
});

test("8. accepted-during-LC: answered, or closed before anything is read; never hung", async (t) => {
  const stalling = await startStalling(t, "stall", { args: ["lastcall"] });
  const { program, target } = stalling;
  program.kill("SIGUSR2");
  await stalling.blocked();
  const [whole, half, late, silent] = [
    await connectMany(t, target, 20),
    await connectMany(t, target, 20),
    await connectMany(t, target, 20),
    await connectMany(t, target, 20),
  ];
  await Promise.all(whole.map((wire) => wire.get("/whole")));
  await Promise.all(half.map((wire) => wire.send("GET /half HTTP/1.1\r\nHo")));
  program.kill("SIGTERM");
  stalling.release();

  await program.says(/(\d+) accepted/);
  await Promise.all([
    ...half.map((wire) => wire.send("st: test\r\n\r\n")),
    ...late.map((wire) => wire.get("/late")),
  ]);
  assert.deepEqual(await tally(whole), { "200 close": 20 });
  assert.deepEqual(await tally(half), { "200 close": 20 });
  // These may have come too late for a connection that says nothing; then nobody has read them.
  const lateOutcomes = await tally(late);
  const answered = lateOutcomes["200 close"] ?? 0;
  assert.equal(answered + (lateOutcomes["lost"] ?? 0), 20);
  assert.ok(
    late.every((wire) => wire.received.length === 0 || wire.text.startsWith("HTTP/1.1 200")),
  );
  for (const wire of silent) {
    assert.equal(await wire.ended(), "fin");
    assert.equal(wire.received.length, 0);
  }
  assert.deepEqual(await program.exit, { code: 0, signal: null });
  assert.equal(program.report.requests.begun, 40 + answered);
  const { open, accepted } = program.report.connections;
  assert.equal(open + accepted, 80);
  assert.ok(accepted > 0, "none was accepted while the listener closed, which proves nothing");
});

/** A TLS client whose first flight is sent, and whose second is held back. */
async function connectSlowly(
  t: TestContext,
  target: Target,
): Promise<{ finish: () => Promise<Wire> }> {
  const { socket: raw } = await connect({ ...target, tls: false });
  const gate = new Gate(raw);
  const socket = tls.connect({ socket: gate, rejectUnauthorized: false });
  t.after(() => raw.destroy());
  await gate.firstFlight;
  return {
    finish: async () => {
      const secured = once(socket, "secureConnect");
      gate.open();
      await secured;
      return new Wire(socket);
    },
  };
}

/** Passes bytes on; what comes back from the server waits until it is opened. */
class Gate extends Duplex {
  readonly firstFlight: Promise<void>;
  readonly #raw: Socket;
  #sent!: () => void;

  constructor(raw: Socket) {
    super();
    this.#raw = raw;
    this.firstFlight = new Promise((resolve) => {
      this.#sent = resolve;
    });
    raw.removeAllListeners("data").pause();
    raw.on("end", () => this.push(null));
  }

  open(): void {
    this.#raw.on("data", (chunk) => this.push(chunk)).resume();
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#raw.write(chunk, () => {
      this.#sent();
      done();
    });
  }
}

test("8. accepted-during-LC: a handshake that outlasts the linger is followed by a linger of its own (https)", async (t) => {
  const idleLinger = 2_000;
  // The head timeout is the next occasion on which the connection could be taken for silent.
  const options = { tls: true, timeouts: { idle: idleLinger, head: 3_500 }, gracePeriod: 20_000 };
  const { service, target } = await serve(t, (_req, res) => res.end(), options);
  const slow = await connectSlowly(t, target);
  const silent = await connect({ ...target, tls: false });
  const drained = service.drain();
  // By now a connection that said nothing since the drain's start is overdue.
  assert.equal(await silent.ended(), "fin");
  const wire = await slow.finish();
  const securedAt = performance.now();
  assert.equal(await wire.ended(), "fin");
  const lingered = performance.now() - securedAt;
  t.diagnostic(`closed ${lingered.toFixed()} ms after the handshake`);
  assert.ok(lingered >= idleLinger - 1, `closed ${lingered} ms after the handshake`);
  assert.equal((await drained).outcome, "clean");
});

test("8. accepted-during-LC: a handshake that ends in silence does not hold the drain till the head timeout (https)", async (t) => {
  const options = { tls: true, timeouts: { idle: 100, head: 6_000 }, gracePeriod: 10_000 };
  const { service, target } = await serve(t, (_req, res) => res.end(), options);
  const slow = await connectSlowly(t, target);
  const silent = await connect({ ...target, tls: false });
  const drained = service.drain();
  assert.equal(await silent.ended(), "fin");
  const wire = await slow.finish();
  assert.equal(await wire.ended(), "fin");
  const { durationMs, outcome } = await drained;
  assert.equal(outcome, "clean");
  assert.ok(durationMs < 5_000, `the drain took ${durationMs} ms`);
});
