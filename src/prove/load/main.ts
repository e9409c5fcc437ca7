// The load process. It is forked by start.ts and lives no longer than its parent.
import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "../facts/ledger.js";
import { killStarted, type Started } from "../machine/group.js";
import type { RequestTemplate } from "../request/request.js";
import { arm } from "./arm.js";
import { runEvents } from "./clients/events.js";
import { runFresh } from "./clients/fresh.js";
import { runH2 } from "./clients/h2.js";
import { askOnce } from "./clients/once.js";
import { runPool } from "./clients/pool.js";
import { runRate } from "./clients/rate.js";
import { runSlowAgain } from "./clients/slow-again.js";
import { runWebSocket } from "./clients/websocket.js";
import { NoiseMeter } from "./noise-meter.js";
import type { LoadCommand, LoadPlan, LoadReport, Target } from "./protocol.js";
import { Run } from "./run.js";

// After the service has gone its last bytes are already in this machine's socket buffers.
const LEAVE_MS = 10_000;
const PROGRESS_MS = 100;
const ROWS_PER_MESSAGE = 2_000;
// A process that was just being started bears its mark by then.
const BIRTH_MS = 200;
const LOOK_MS = 20;

const guarded = new Map<string, Started>();
const lives: Promise<void>[] = [];
const meter = new NoiseMeter();
let run: Run | undefined;

// Ctrl-C reaches the whole terminal group. The parent decides what happens then; this process must
// outlive it by a moment to end a service left behind.
process.on("SIGINT", () => {});
process.on("disconnect", () => void leave());
process.on("message", (command: LoadCommand) => {
  obey(command);
});

// A parent that went while this process was starting is told of by no event.
if (!process.connected) process.exit();
report({ type: "ready" });

function obey(command: LoadCommand): void {
  if (command.type === "guard") guarded.set(nameOf(command.started), command.started);
  else if (command.type === "unguard") guarded.delete(nameOf(command.started));
  else if (command.type === "start") run = new Run(command.plan, tellFault);
  else if (run !== undefined) steer(run, command);
}

function nameOf({ group, mark }: Started): string {
  return mark ?? String(group);
}

/** The prover has vanished: ends what it left, then this process. */
async function leave(): Promise<void> {
  for (let waited = 0; waited <= BIRTH_MS; waited += LOOK_MS) {
    for (const started of guarded.values()) killStarted(started);
    if ([...guarded.values()].every(({ group }) => group !== null)) break;
    await sleep(LOOK_MS);
  }
  process.exit();
}

type Steering = Exclude<LoadCommand, { type: "guard" | "unguard" | "start" }>;

function steer(current: Run, command: Steering): void {
  switch (command.type) {
    case "route":
      route(current, command.targets);
      break;
    case "arm":
      void takePositions(current, command.target);
      break;
    case "signalled":
      if (!current.isSignalled) meter.begin();
      current.signal(command.generation, command.at);
      break;
    case "hold": {
      const { generation } = command;
      report({ type: "held", generation, holders: current.holders(generation) });
      break;
    }
    case "finish":
      void finish(current, command.when);
  }
}

function route(current: Run, targets: readonly Target[]): void {
  const isFirst = !current.route.isOpen;
  current.route.set(targets);
  if (isFirst && targets.length > 0) void startLoad(current, current.plan, targets);
}

type Begin = (run: Run, index: number, onWarm: () => void) => Promise<void>;

async function startLoad(current: Run, plan: LoadPlan, targets: readonly Target[]): Promise<void> {
  const probed = targets.map((target) => current.probes.watch(target));
  const warm: Promise<void>[] = [sleep(plan.warmupMs), ...probed];
  const start = (client: Client, templates: readonly RequestTemplate[], begin: Begin): void => {
    const count = templates.length === 0 ? 0 : plan.counts[client];
    for (let index = 0; index < count; index += 1) {
      warm.push(new Promise((resolve) => live(begin(current, index, resolve))));
    }
  };
  start("pool", plan.requests, runPool);
  start("fresh", plan.requests, runFresh);
  const { rate } = plan;
  if (rate !== null) {
    warm.push(new Promise((resolve) => live(runRate(current, rate, resolve))));
  }
  start("h2", plan.h2, runH2);
  start("events", plan.events, runEvents);
  start("websocket", plan.websockets, runWebSocket);
  if (!plan.hasSignal) start("slow", plan.slow, runSlowAgain);
  warm.push(seeExpected(current, plan));
  setInterval(
    () => report({ type: "progress", progress: current.progress() }),
    PROGRESS_MS,
  ).unref();
  await Promise.all(warm);
  report({ type: "warm", unfounded: current.unfounded() });
}

/** Resolves once every request that expects something has been answered. */
async function seeExpected(current: Run, plan: LoadPlan): Promise<void> {
  const { requests, h2, slow, pipelined, counts } = plan;
  const hasExpectation = ({ expect }: RequestTemplate): boolean => expect !== undefined;
  for (const template of slow.filter(hasExpectation)) live(askOnce(current, "slow", template));
  for (const template of pipelined.filter(hasExpectation)) {
    live(askOnce(current, "pipeline", template));
  }
  const isAsked = counts.pool + counts.fresh > 0 || plan.rate !== null;
  const { baseline } = current.recorder;
  await baseline.seen([
    ...(isAsked ? requests : []),
    ...(counts.h2 > 0 ? h2 : []),
    ...slow,
    ...pipelined,
  ]);
}

async function takePositions(current: Run, target: Target): Promise<void> {
  await current.probes.watch(target);
  for (const life of await arm(current, target)) live(life);
  report({ type: "armed", generation: target.generation, unfounded: current.unfounded() });
}

/** A client that fails by itself is the prover's fault, and must not look like a quiet one. */
function live(life: Promise<void>): void {
  lives.push(
    life.catch((error: unknown) => {
      tellFault(`a client failed: ${String(error)}`);
    }),
  );
}

async function finish(current: Run, when: "unrouted" | "now"): Promise<void> {
  if (when === "now") current.stop();
  current.finish();
  await current.route.closed();
  const isLate = Symbol("late");
  // A connection that is being made when the run ends is made, or fails in its own time.
  const patience = LEAVE_MS + current.plan.connectTimeoutMs;
  const end = await Promise.race([Promise.all(lives), sleep(patience, isLate)]);
  if (end === isLate) current.cut();
  await Promise.all(lives);
  tell(current);
}

function tell(current: Run): void {
  const { entries, connections, plannedCount } = current.recorder;
  const { plan, lateness, route } = current;
  for (let at = 0; at < entries.length; at += ROWS_PER_MESSAGE) {
    report({ type: "rows", entries: entries.slice(at, at + ROWS_PER_MESSAGE) });
  }
  report({
    type: "done",
    planned: plannedCount,
    connections,
    stalls: meter.stalls,
    noise: meter.read(plan.rate === null ? null : lateness, route.ports),
    unfounded: current.unfounded(),
    doubts: current.recorder.served.doubts(),
    probes: current.probes.changes,
  });
}

function tellFault(what: string): void {
  report({ type: "fault", what });
}

function report(message: LoadReport): void {
  // The prover may have vanished: "disconnect" says so next, and an error here must not come before.
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
}
