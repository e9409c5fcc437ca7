import assert from "node:assert/strict";
import { test } from "node:test";
import {
  audit,
  CLIENTS,
  isBalanced,
  KINDS,
  tally,
  type Ending,
  type Entry,
  type Outcome,
} from "#src/prove/facts/ledger.js";
import { Recorder, type OpenConnection, type PlannedRequest } from "#src/prove/load/recorder.js";
import { createRandom, type Random } from "#src/prove/machine/random.js";
import { proveFixture } from "../prove-fixture.js";

const TEMPLATE = { method: "GET", path: "/", body: "" };

for (const fixture of ["exits-at-once", "answers-nothing", "stops-correctly"]) {
  test(`75. the ledger closes: sent = ok + refused + dropped + unsent, per connection; sent-and-no-byte counts as dropped (${fixture})`, async () => {
    const { result, rows } = await proveFixture(fixture, {
      env: { ...process.env, LAME_DUCK_MS: "400" },
      uploads: ["POST /up"],
    });
    const [trial] = result.trials;
    assert.ok(trial !== undefined);
    // Each connection's sum is audited in the trial; what does not close is a fault.
    assert.deepEqual(trial.faults, []);
    assert.ok(isBalanced(trial.requests), JSON.stringify(trial.requests));
    assert.equal(rows.length, trial.requests.planned);
    assert.equal(new Set(rows.map(({ id }) => id)).size, rows.length);
    for (const outcome of Object.keys(KINDS) as Outcome[]) {
      const ended = rows.filter((row) => row.outcome === outcome).length;
      assert.equal(ended, trial.requests[outcome], outcome);
    }
    const byClient = Object.values(trial.requestsByClient);
    assert.ok(byClient.every(isBalanced));
    assert.equal(
      byClient.reduce((sum, { planned }) => sum + planned, 0),
      rows.length,
    );
    const silent = rows.filter((row) => row.kind === "empty" || row.kind === "reset");
    assert.ok(silent.every((row) => row.outcome === "dropped" || row.startMs === null));
    if (fixture === "answers-nothing") assert.ok(silent.length > 0);
  });
}

test("75. the ledger closes: whatever happens to requests, in any order, each ends exactly once", () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const faults: string[] = [];
    const recorder = new Recorder("p", (what) => faults.push(what));
    playAtRandom(recorder, createRandom(seed));
    assert.deepEqual(audit(recorder.connections, recorder.entries), [], `seed ${String(seed)}`);
    assert.ok(isBalanced(tally(recorder.plannedCount, recorder.entries)));
    assert.deepEqual(faults, []);
  }
});

test("75. the ledger closes: a request without an end, with two, or with a wrong one is found", () => {
  const faults: string[] = [];
  const recorder = new Recorder("p", (what) => faults.push(what));
  const connection = recorder.openConnection("pool", 0);
  const request = recorder.plan(connection, TEMPLATE);
  recorder.closeConnection(connection, "closed by client", 0);
  assert.equal(audit(recorder.connections, recorder.entries).length, 1, "no end");

  request.end({ outcome: "ok", kind: "complete" });
  assert.match(audit(recorder.connections, recorder.entries).join(), /against its own record/);

  request.end({ outcome: "dropped", kind: "reset" });
  assert.deepEqual(faults, ["request p-1 ended twice"]);

  const [entry] = recorder.entries;
  assert.ok(entry !== undefined);
  const again: Entry[] = [entry, entry];
  assert.match(audit(recorder.connections, again).join(), /a request ended twice/);
  assert.match(audit([], [entry]).join(), /connection 1 is not listed/);
});

/** Plans, sends, ends and closes in an order that only the seed knows. */
function playAtRandom(recorder: Recorder, random: Random): void {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const open: { connection: OpenConnection; pending: PlannedRequest[] }[] = [];
  for (let step = 0; step < 60; step += 1) {
    const place = open.length > 0 && random() < 0.8 ? pick(open) : undefined;
    if (place === undefined) {
      open.push({ connection: recorder.openConnection(pick(CLIENTS), 0), pending: [] });
    } else if (random() < 0.6) {
      place.pending.push(recorder.plan(place.connection, TEMPLATE));
    } else {
      const request = place.pending.shift();
      if (request !== undefined) endAtRandom(request, pick, random);
    }
    if (random() < 0.1 && place !== undefined) {
      recorder.closeConnection(place.connection, "closed by service", step);
    }
  }
  for (const { connection, pending } of open) {
    for (const request of pending) endAtRandom(request, pick, random);
    recorder.closeConnection(connection, "closed by client", 60);
  }
}

function endAtRandom(
  request: PlannedRequest,
  pick: <T>(items: readonly T[]) => T,
  random: Random,
): void {
  const isSent = random() < 0.5;
  if (isSent) request.sent();
  const outcome = pick<Outcome>(isSent ? ["ok", "dropped"] : ["refused", "unsent"]);
  request.end({ outcome, kind: pick<string>(KINDS[outcome]) } as Ending);
}
