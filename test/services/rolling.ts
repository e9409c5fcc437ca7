import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestContext } from "node:test";

import { start, type Program } from "../harness/program.js";
import { until } from "./until.js";

/** How a rolling restart of two members went: messages in, effects out. */
export interface Rolled {
  readonly sent: number;
  /** Messages that had an effect. */
  readonly done: number;
  /** Effects; more than messages where some were handled twice. */
  readonly effects: number;
  /** How many messages of the burst each member had handled when it had gone. */
  readonly exits: readonly number[];
  /** What all members wrote. */
  readonly output: string;
}

/** One broker's part in it. */
export interface Rolling {
  /** The fixture and its arguments; the file of effects comes after them, then `plain` for the control. */
  readonly fixture: string;
  readonly args: readonly string[];
  readonly isPlain: boolean;
  /** Whether the members, and no others, share the work. */
  isShared(members: readonly Program[]): boolean;
  /** Whether the broker has nothing left to hand out, or to hand out again. Default: once all had an effect. */
  isDone?(): Promise<boolean>;
  /** Hands messages in, in such a way that this member gets some. */
  send(ids: readonly string[], to: Program): Promise<void>;
}

const BURST = 120;
// Some are done, most are not, when the member is told to stop.
const MIDST = 10;

/** Restarts each of two members in the midst of a burst of messages, one after the other. */
export async function roll(t: TestContext, rolling: Rolling): Promise<Rolled> {
  const folder = mkdtempSync(path.join(tmpdir(), "lastcall-rolling-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = path.join(folder, "effects");
  writeFileSync(file, "");
  const read = (): string[][] =>
    readFileSync(file, "utf8")
      .split("\n")
      .slice(0, -1)
      .map((line) => line.split(" "));
  const launched: Program[] = [];
  const launch = (): Program => {
    const args = [...rolling.args, file, ...(rolling.isPlain ? ["plain"] : [])];
    const program = start(t, rolling.fixture, args);
    launched.push(program);
    return program;
  };

  const members = [launch(), launch()];
  /** One that the broker did not take is started again, as whoever runs it in earnest would do. */
  const settle = async (): Promise<void> => {
    await until("the members' shares", async () => {
      for (const [index, { child }] of members.entries()) {
        if (child.exitCode !== null) members[index] = launch();
      }
      return rolling.isShared(members);
    });
  };
  await settle();
  let sent = 0;
  const exits: number[] = [];
  for (let turn = 0; turn < 2; turn += 1) {
    const leaving = members.shift() as Program;
    const ids = Array.from({ length: BURST }, (_, index) => `m${String(sent + index)}`);
    sent += BURST;
    const burst = new Set(ids);
    const count = (): number =>
      read().filter(([id = "", pid]) => burst.has(id) && Number(pid) === leaving.child.pid).length;
    const isAmidst = async (): Promise<boolean> => count() >= MIDST;
    await Promise.all([rolling.send(ids, leaving), until("the burst", isAmidst)]);
    leaving.kill("SIGTERM");
    const { code } = await leaving.exit;
    assert.equal(code, 0, leaving.stderr);
    exits.push(count());
    await until("all of the burst", async () => new Set(read().map(([id]) => id)).size >= sent);
    members.push(launch());
    await settle();
  }
  await until("the broker's word that all is done", async () => (await rolling.isDone?.()) ?? true);
  const effects = read();
  const done = new Set(effects.map(([id]) => id)).size;
  const output = launched.map(({ stdout }) => stdout).join("");
  return { sent, done, effects: effects.length, exits, output };
}

/** None lost, none twice, and each member stopped before it had handled all it could. */
export function assertOnce({ sent, done, effects, exits }: Rolled): void {
  assert.deepEqual({ done, effects }, { done: sent, effects: sent });
  for (const count of exits) assert.ok(count < BURST, "stopped in the midst of its messages");
}

/** For people: `241 messages, 241 effects of 241; handled before they left: 10, 111`. */
export function describe({ sent, done, effects, exits }: Rolled): string {
  return `${sent} messages, ${effects} effects of ${done}; handled before they left: ${exits.join(", ")}`;
}
