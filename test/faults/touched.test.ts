import assert from "node:assert/strict";
import { suite, test } from "node:test";

import type { DrainReport } from "lastcall";

import { start } from "../harness/program.js";

/** One stop of `fixtures/touched`. */
interface Stop {
  /** What threw when the package read it: `req.socket`. */
  readonly what?: string;
  readonly hits: number;
  readonly tookMs: number;
  /** The paths that were asked for. */
  readonly heard: readonly string[];
  readonly outcome?: DrainReport["outcome"];
  /** What a client of the service's other server got. */
  readonly other: string;
  /** What was thrown where no code could catch it. */
  readonly problems: readonly string[];
  readonly errors: DrainReport["errors"];
}

/** The budget of each, and what a busy machine may add. */
const LATEST = 3_000 + 3_000;

const KINDS: Readonly<Record<string, { readonly least: number; readonly touched: string[] }>> = {
  http1: { least: 40, touched: ["req.socket", "res.writeHead", "socket.destroy", "server.close"] },
  http2: { least: 30, touched: ["req.stream", "stream.destroy", "session.close", "server.close"] },
};

/** Runs on one machine beside each other. */
const PARTS = 3;

// The list of what is touched is made by a run of the package, so that nothing has to be remembered in a list.
suite("whatever lastcall reads of the application's objects throws", { concurrency: true }, () => {
  for (const [kind, { least, touched }] of Object.entries(KINDS)) {
    test(`${kind}: nothing is uncaught, the drain ends in time, others are answered`, async (t) => {
      const parts = Array.from({ length: PARTS }, (_none, part) =>
        start(t, "touched", [kind, String(part), String(PARTS)]),
      );
      const ends = await Promise.all(parts.map(({ exit }) => exit));
      for (const [index, end] of ends.entries()) {
        assert.deepEqual(end, { code: 0, signal: null }, parts[index]?.stderr);
      }
      const stops = parts.flatMap(({ stdout }) =>
        stdout
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line) as Stop),
      );
      const controls = stops.filter(({ what }) => what === undefined);
      assert.equal(controls.length, PARTS);
      for (const control of controls) {
        assert.deepEqual([control.outcome, control.errors], ["aborted", []]);
      }
      const names = new Set(stops.map(({ what }) => what));
      assert.ok(names.size > least, `${names.size} properties are read`);
      for (const name of touched) assert.ok(names.has(name), `${name} is read`);
      for (const stop of stops) check(stop);
    });
  }
});

function check(stop: Stop): void {
  const said = JSON.stringify(stop);
  assert.deepEqual(stop.problems, [], said);
  assert.equal(stop.other, "late", said);
  assert.ok(stop.tookMs < LATEST, said);
  assert.ok(stop.outcome === "aborted" || stop.outcome === "failed", said);
  assert.equal(stop.outcome === "failed", stop.errors.length > 0, said);
  for (const { at } of stop.errors) assert.match(at ?? "", /touched\.js:\d+$/, said);
  const told = stop.errors.map(({ step, message }) => `${step} ${message}`);
  assert.equal(new Set(told).size, told.length, said);
}
