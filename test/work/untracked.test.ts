import assert from "node:assert/strict";
import { once } from "node:events";
import { watch } from "node:fs";
import http, { type ServerResponse } from "node:http";
import net from "node:net";
import path from "node:path";
import { test, type TestContext } from "node:test";

import { lastcall, type DrainReport, type UntrackedReport } from "lastcall";
import { Untracked } from "#src/work/untracked.js";

import { fence } from "../harness/fence.js";
import { start, type Exit, type Program } from "../harness/program.js";
import { listen, QUIET } from "../harness/serve.js";
import { connect } from "../harness/wire.js";
import { temporaryFolder } from "../package/project.js";

interface Peer {
  port: number;
  /** The next request that came. */
  asked: Promise<ServerResponse>;
}

/** Where the service's connections go; answers what the test answers. */
async function openPeer(t: TestContext): Promise<Peer> {
  const server = http.createServer();
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const asked = once(server, "request").then(([, res]) => res as ServerResponse);
  return { port: await listen(server), asked };
}

/** Starts the service and asks it once. */
async function ask(t: TestContext, policy: string, what: string, peer?: Peer): Promise<Program> {
  const program = start(t, "untracked", [policy, what, String(peer?.port ?? 0)]);
  const client = await connect({ port: await program.port() });
  await client.get("/");
  await client.response();
  client.close();
  await program.says(/answered/);
  return program;
}

interface Stopped {
  exit: Exit;
  report: DrainReport;
}

async function stop(program: Program): Promise<Stopped> {
  program.kill("SIGTERM");
  const exit = await program.exit;
  return { exit, report: program.report };
}

function isServedBy(object: object, server: net.Server): boolean {
  return (object as { server?: unknown }).server === server;
}

const CLEAN = { code: 0, signal: null };

test("what nobody told of is named, with its owner, and the exit does not wait for it", async (t) => {
  const peer = await openPeer(t);
  const message = await ask(t, "warn", "message", peer);
  await peer.asked;
  const { exit, report } = await stop(message);
  assert.deepEqual(exit, CLEAN);
  assert.equal(report.outcome, "clean");
  assert.deepEqual(
    report.untracked?.map(({ kind, count }) => [kind, count]),
    [["TCPSocketWrap", 1]],
  );
  assert.equal(report.untracked?.[0]?.owner, `POST http://localhost:${peer.port}/audit`);
  const [warning] = report.warnings;
  assert.equal(warning?.code, "untracked-work");
  assert.match(warning?.message ?? "", /1 × TCPSocketWrap \(POST http:/);
  assert.doesNotMatch(message.stderr, /secret/);
  assert.doesNotMatch(message.stdout, /published/);
});

test("wait: what ends by itself is not cut, and nothing is left to name", async (t) => {
  const peer = await openPeer(t);
  const program = await ask(t, "wait", "message", peer);
  const answer = await peer.asked;
  program.kill("SIGTERM");
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(program.child.exitCode, null);
  answer.end("ok");
  assert.deepEqual(await program.exit, CLEAN);
  assert.match(program.stdout, /published/);
  const { outcome, untracked, warnings } = program.report;
  assert.deepEqual([outcome, untracked, warnings], ["clean", [], []]);
});

test("wait: what does not end is waited for to the end of the budget, and then cut", async (t) => {
  const program = await ask(t, "wait", "timer");
  const { exit, report } = await stop(program);
  assert.deepEqual(exit, { code: 124, signal: null });
  assert.deepEqual(
    [report.outcome, report.untracked],
    ["aborted", [{ kind: "Timeout", count: 1 }]],
  );
  const { gracePeriodMs, marginMs } = report.budget;
  assert.ok(report.durationMs >= gracePeriodMs - marginMs - 5, `${report.durationMs} ms`);
});

test("fail: the outcome is failed", async (t) => {
  const peer = await openPeer(t);
  const { exit, report } = await stop(await ask(t, "fail", "pool", peer));
  assert.deepEqual(exit, { code: 1, signal: null });
  assert.deepEqual(report.untracked, [
    { kind: "TCPSocketWrap", count: 1, owner: `127.0.0.1:${peer.port}` },
  ]);
  assert.equal(report.outcome, "failed");
});

test("fail: nothing is made up. A service that closes what it opened fails nobody", async (t) => {
  const peer = await openPeer(t);
  for (const what of ["nothing", "closed", "before"]) {
    const { exit, report } = await stop(await ask(t, "fail", what, peer));
    assert.deepEqual([what, exit, report.untracked], [what, CLEAN, []]);
  }
});

test("fail: an answered fetch leaves an idle connection, which is nobody's work", async (t) => {
  const peer = await openPeer(t);
  const program = await ask(t, "fail", "fetch", peer);
  (await peer.asked).end("ok");
  await program.says(/fetched/);
  const { exit, report } = await stop(program);
  assert.deepEqual([exit, report.untracked], [CLEAN, []]);
});

test("a child process is named by its program, and its arguments are nobody's business", async (t) => {
  const { report } = await stop(await ask(t, "warn", "child"));
  const child = report.untracked?.find(({ kind }) => kind === "ProcessWrap");
  assert.match(child?.owner ?? "", /node \(\d+\)$/);
});

test("timers and watchers count from the first look on, connections whenever they were opened", async (t) => {
  const file = path.join(temporaryFolder(t), "socket");
  const server = net.createServer().listen(file);
  await once(server, "listening");
  const untracked = new Untracked(
    (object) => object === server || isServedBy(object, server),
    fence,
  );
  const begin = (): (() => void)[] => {
    const socket = net.connect(file);
    const timer = setInterval(() => {}, 60_000);
    const watcher = watch(path.dirname(file));
    return [() => socket.destroy(), () => clearInterval(timer), () => watcher.close()];
  };
  const own = untracked.list();
  const open = begin();
  await once(server, "connection");
  untracked.noteBefore();
  const before = untracked.list();
  open.push(...begin());
  await once(server, "connection");
  const since = untracked.list();
  for (const close of open) close();
  server.close();
  const kinds = (rows: UntrackedReport[]): string[] =>
    rows.flatMap(({ kind, count }) => Array<string>(count).fill(kind)).toSorted();
  const added = (rows: UntrackedReport[]): string[] => {
    const left = kinds(rows);
    for (const kind of kinds(own)) if (left.includes(kind)) left.splice(left.indexOf(kind), 1);
    return left;
  };
  assert.deepEqual(added(before), ["PipeWrap"]);
  assert.deepEqual(added(since), ["FSEventWrap", "PipeWrap", "PipeWrap", "Timeout"]);
  assert.ok(since.some(({ owner }) => owner === "a pipe or a local socket"));
});

test("a drain that does not end the process looks at nothing", async () => {
  const timer = setTimeout(() => {}, 60_000);
  const { untracked, outcome } = await lastcall({ ...QUIET, untracked: "fail" }).drain();
  clearTimeout(timer);
  assert.deepEqual([untracked, outcome], [null, "clean"]);
});
