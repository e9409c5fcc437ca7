import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const LOOK_MS = 10;
// A process in an uninterruptible call survives SIGKILL for as long as that lasts.
const PATIENCE_MS = 5_000;

/** A process, as a person would recognise it. */
export interface ProcessInfo {
  readonly pid: number;
  /** Its command line, shortened; its name where the line cannot be read. */
  readonly command: string;
}

// A command line is for recognising a process, not for running it again.
const MAX_COMMAND = 120;

/**
 * Lists the living members of a process group. Only Linux can say who they are; elsewhere a group
 * that still has members is one entry with the group's own id.
 */
export function listGroup(groupId: number): ProcessInfo[] {
  if (process.platform === "linux") return listFromProc(groupId);
  return isGroupAlive(groupId) ? [{ pid: groupId, command: "its process group" }] : [];
}

/** Sends a signal to every member of a process group. A group that has gone is no error. */
export function signalGroup(groupId: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-groupId, signal);
  } catch {
    // ESRCH: already gone.
  }
}

/** Resolves when a group that was killed has gone: its orphans are nobody's children to wait for. */
export async function untilGroupGone(groupId: number): Promise<void> {
  for (let waited = 0; waited < PATIENCE_MS && listGroup(groupId).length > 0; waited += LOOK_MS) {
    await sleep(LOOK_MS);
  }
}

function listFromProc(groupId: number): ProcessInfo[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && isMember(name, groupId))
    .map((name) => ({ pid: Number(name), command: readCommand(name) }));
}

/** proc(5) stat: `pid (name) state ppid pgrp …`; the name may itself hold spaces and brackets. */
function isMember(pid: string, groupId: number): boolean {
  const stat = read(`/proc/${pid}/stat`);
  const [state, , group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // A zombie serves nobody; it only waits for its parent to notice.
  return Number(group) === groupId && state !== "Z" && state !== "X";
}

function readCommand(pid: string): string {
  const line = read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
  const text = line === "" ? read(`/proc/${pid}/comm`).trim() : line;
  return text.length > MAX_COMMAND ? `${text.slice(0, MAX_COMMAND)}…` : text;
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // The process ended while it was looked at.
    return "";
  }
}

function isGroupAlive(groupId: number): boolean {
  try {
    process.kill(-groupId, 0);
    return true;
  } catch {
    return false;
  }
}
