import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chownSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

import { withResolvers } from "../../harness/wire.js";
import { find, type Program } from "./programs.js";

const LONGEST_START = 110_000;

/**
 * Where the stop is registered: a test's context, or `{ after }` of `node:test` for a whole file, then
 * at the top level and not in a `before`, whose own end it would mean.
 */
export interface Scope {
  after(stop: () => Promise<void>): void;
}

/** A server process that is ready. */
export interface Server {
  readonly pid: number;
  /** What it has written. */
  readonly output: () => string;
  /** The match of the pattern that said that it is ready. */
  readonly ready: RegExpExecArray;
  /** Ends it, deletes its folder, and resolves when both have gone. */
  stop(): Promise<void>;
}

export interface Start {
  program: Program;
  name: string;
  /** Fills the server's folder before it starts. */
  prepare?: (folder: string) => void;
  args: (folder: string) => readonly string[];
  env?: (folder: string) => Record<string, string>;
  /** What it writes when it takes connections. */
  ready: RegExp;
  /** How to end it at once, SIGKILL by default: its data are thrown away, nothing is worth a slow stop. */
  signal?: NodeJS.Signals;
}

/**
 * Starts a server in the foreground with a folder of its own, and waits until it says that it is
 * ready. Runs as the package's own user when the tests run as root: several servers refuse root.
 */
export async function startServer(scope: Scope, start: Start): Promise<Server> {
  const { program, name, signal = "SIGKILL" } = start;
  const folder = mkdtempSync(path.join(os.tmpdir(), `lastcall-${name}-`));
  let child: ChildProcess | undefined;
  const stop = async (): Promise<void> => {
    if (child !== undefined) await end(child, signal);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  scope.after(stop);
  giveTo(program, folder);
  start.prepare?.(folder);
  const [file, args] = command(program, name, start.args(folder));
  const env = { ...process.env, HOME: folder, ...start.env?.(folder) };
  // Its stdin stays open, for those that live as long as it does.
  child = spawn(file, args, { stdio: "pipe", cwd: folder, env });
  const { ready, output } = await waitUntilReady(child, start);
  return { pid: child.pid as number, output, ready, stop };
}

async function waitUntilReady(
  child: ChildProcess,
  { name, ready }: Start,
): Promise<Pick<Server, "ready" | "output">> {
  let output = "";
  const { promise, resolve, reject } = withResolvers<RegExpExecArray>();
  const hear = (text: string): void => {
    output += text;
    const match = ready.exec(output);
    if (match !== null) resolve(match);
  };
  child.stdout?.setEncoding("utf8").on("data", hear);
  child.stderr?.setEncoding("utf8").on("data", hear);
  const fail = (why: string): void => reject(new Error(`${name} ${why}: ${output}`));
  child.once("error", (error) => fail(error.message));
  child.once("close", (code, signal) => fail(`ended with ${code ?? signal}`));
  const timer = setTimeout(() => fail(`did not say ${ready}`), LONGEST_START);
  try {
    return { ready: await promise, output: () => output };
  } finally {
    clearTimeout(timer);
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill(signal);
  await exited;
}

/** Runs a program of the package to its end, as its own user. */
export function runOnce(program: Program, name: string, args: readonly string[]): void {
  const [file, all] = command(program, name, args);
  execFileSync(file, all, { stdio: ["ignore", "ignore", "pipe"], cwd: os.tmpdir() });
}

/** A file that the server may read and nobody else, as servers demand of a private key. */
export function writePrivately(program: Program, file: string, text: string): void {
  writeFileSync(file, text, { mode: 0o600 });
  giveTo(program, file);
}

function giveTo({ user }: Program, file: string): void {
  if (isRoot()) chownSync(file, idOf("-u", user), idOf("-g", user));
}

/** The command line that runs a program as its own user, and ends it with the tests, however they end. */
function command(program: Program, name: string, args: readonly string[]): [string, string[]] {
  const { user } = program;
  const identity = [`--reuid=${user}`, `--regid=${idOf("-g", user)}`, "--init-groups"];
  const options = ["--pdeathsig", "KILL", ...(isRoot() ? identity : [])];
  return ["setpriv", [...options, find(program, name), ...args]];
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function idOf(flag: "-u" | "-g", user: string): number {
  return Number(execFileSync("id", [flag, user], { encoding: "utf8" }));
}
