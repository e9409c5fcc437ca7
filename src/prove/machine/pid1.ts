import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { getuid } from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { parentOf } from "./group.js";

const LOOK_MS = 5;
const PATIENCE_MS = 5_000;

/** A command as the first process of a PID namespace of its own, with the `/proc` that belongs to it. */
export function asPid1(command: readonly string[]): string[] {
  // Without root's rights a namespace of users gives them, for what is in it alone.
  const rights = getuid?.() === 0 ? [] : ["--user", "--map-current-user"];
  return ["unshare", ...rights, "--pid", "--fork", "--mount-proc", "--", ...command];
}

/** Says why this system does not allow that; undefined where it does. */
export async function findPid1Fault(): Promise<string | undefined> {
  if (process.platform !== "linux") return "only Linux has PID namespaces";
  const [file = "", ...args] = asPid1(["true"]);
  try {
    await promisify(execFile)(file, args);
    return undefined;
  } catch (error) {
    const { code, stderr, message } = error as Error & { code?: unknown; stderr?: string };
    if (code === "ENOENT") return "there is no `unshare` (util-linux)";
    return stderr === undefined || stderr.trim() === "" ? message : stderr.trim();
  }
}

/** The first process of the namespace that `unshare` has made, as it is numbered outside; undefined where it has gone. */
export async function findPid1(unsharePid: number): Promise<number | undefined> {
  for (let waited = 0; waited < PATIENCE_MS; waited += LOOK_MS) {
    const names = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
    const found = names.map(Number).find((pid) => parentOf(pid) === unsharePid);
    if (found !== undefined) return found;
    if (parentOf(unsharePid) === 0) return undefined;
    await sleep(LOOK_MS);
  }
  return undefined;
}
