// machine/: the machine as the prover needs it: its clock, its ports and listeners, its processes.
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { ProcessInfo } from "../facts/result.js";

const LOOK_MS = 10;
// A process in an uninterruptible call survives SIGKILL for as long as that lasts.
const PATIENCE_MS = 5_000;

/** What a command started: the process group it leads, and what has left that group since. */
export interface Started {
  /** Null: it is just being started. */
  readonly group: number | null;
  /** The value of {@link MARK} in the environment of all of them; null: one that leaves may go. */
  readonly mark: string | null;
}

/**
 * A daemon leaves its group, its session and its parent behind, but not its environment: this
 * variable says which command a process descends from.
 */
export const MARK = "LASTCALL_PROVE";

// A command line is for recognising a process, not for running it again.
const MAX_COMMAND = 120;

/**
 * Lists the living members of a process group. Only Linux can say which they are; elsewhere a group
 * that still has members is one entry with the group's own id.
 */
export function listGroup(groupId: number): ProcessInfo[] {
  if (process.platform !== "linux") return listUnnamed(groupId);
  return describe(readProcesses().filter(({ group }) => group === groupId));
}

/** Lists what a command started and still lives; beyond its process group on Linux only. */
export function listStarted({ group: groupId, mark }: Started): ProcessInfo[] {
  if (mark === null || process.platform !== "linux") {
    return groupId === null ? [] : listGroup(groupId);
  }
  const needle = `${MARK}=${mark}\0`;
  const isMine = ({ pid, group }: ProcessRow): boolean =>
    group === groupId || read(`/proc/${String(pid)}/environ`).includes(needle);
  return describe(readProcesses().filter(isMine));
}

/** Lists the children of a process, theirs, and so on; Linux only, elsewhere none. */
export function listDescendants(pid: number): ProcessInfo[] {
  if (process.platform !== "linux") return [];
  const rows = readProcesses();
  const known = new Set([pid]);
  for (let before = 0; before < known.size;) {
    before = known.size;
    for (const row of rows) if (known.has(row.parent)) known.add(row.pid);
  }
  known.delete(pid);
  return describe(rows.filter((row) => known.has(row.pid)));
}

/** The parent of a process; 0 when there is none, or it cannot be seen. */
export function parentOf(pid: number): number {
  return process.platform === "linux" ? (readProcess(String(pid))?.parent ?? 0) : 0;
}

/**
 * When a living process was started, in the kernel's own ticks, which tells it from a later one with
 * its number; undefined when there is none. A zombie is none: it serves no client, and only waits for
 * its parent to notice. On other systems than Linux every living process has 0.
 */
export function startTimeOf(pid: number): number | undefined {
  if (process.platform !== "linux") return isAlive(pid) ? 0 : undefined;
  return readProcess(String(pid))?.startedAt;
}

/** The command line of a process, shortened. */
export function describeProcess(pid: number): string {
  const line = read(`/proc/${String(pid)}/cmdline`)
    .replaceAll(/[\0\s]+/gu, " ")
    .trim();
  const text = line === "" ? read(`/proc/${String(pid)}/comm`).trim() : line;
  return text.length > MAX_COMMAND ? `${text.slice(0, MAX_COMMAND)}…` : text;
}

/** Ends everything a command started. Resolves when it has gone: orphans cannot be waited for. */
export function endStarted(started: Started): Promise<void> {
  return untilGone(() => {
    const left = listStarted(started);
    if (left.length === 0) return false;
    killStarted(started, left);
    return true;
  });
}

/** Ends one process, told from a later one with its number by its start. Resolves when it has gone. */
export function endProcess(pid: number, startedAt: number): Promise<void> {
  return untilGone(() => {
    if (startTimeOf(pid) !== startedAt) return false;
    kill(pid);
    return true;
  });
}

/** Kills until none was left to kill. */
async function untilGone(killLeft: () => boolean): Promise<void> {
  for (let waited = 0; waited < PATIENCE_MS && killLeft(); waited += LOOK_MS) await sleep(LOOK_MS);
}

/** Sends SIGKILL to everything a command started, without waiting. */
export function killStarted(started: Started, left: readonly ProcessInfo[] = []): void {
  if (started.group !== null) kill(-started.group);
  for (const { pid } of left.length > 0 ? left : listStarted(started)) kill(pid);
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // ESRCH: already gone.
  }
}

interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly startedAt: number;
}

function readProcesses(): ProcessRow[] {
  const names = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return names.map(readProcess).filter((row) => row !== undefined);
}

/** proc(5) stat: `pid (name) state ppid pgrp …`; the name may itself hold spaces and brackets. */
function readProcess(pid: string): ProcessRow | undefined {
  const stat = read(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, parent, group] = fields;
  if (group === undefined || state === "Z" || state === "X") return undefined;
  const startedAt = Number(fields[START_TIME]);
  return { pid: Number(pid), parent: Number(parent), group: Number(group), startedAt };
}

/** Field 22 of stat, counted from the state, which is field 3. */
const START_TIME = 19;

function describe(rows: readonly ProcessRow[]): ProcessInfo[] {
  return rows.map(({ pid }) => ({ pid, command: describeProcess(pid) }));
}

function listUnnamed(groupId: number): ProcessInfo[] {
  return isAlive(-groupId) ? [{ pid: groupId, command: "its process group" }] : [];
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // The process ended while it was looked at, or is another user's.
    return "";
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
