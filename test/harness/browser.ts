import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { TestContext } from "node:test";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];

/** The Chromium of this machine, if it has one. */
export const chromium: string | undefined = NAMES.flatMap((name) =>
  (process.env["PATH"] ?? "").split(path.delimiter).map((folder) => path.join(folder, name)),
).find(isExecutable);

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Opens a page in a browser without a window and without a past; closed when the test is over. */
export function browse(t: TestContext, url: string): void {
  if (chromium === undefined) throw new Error("there is no Chromium");
  const profile = mkdtempSync(path.join(os.tmpdir(), "lastcall-browser-"));
  const child = spawn(
    chromium,
    [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      `--user-data-dir=${profile}`,
      "--remote-debugging-port=0",
      url,
    ],
    // A group of its own: it is many processes, and those that outlive the first write on.
    { stdio: "ignore", detached: true, env: { ...process.env, TMPDIR: profile } },
  );
  t.after(async () => {
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await ended;
    killGroup(child.pid);
    await rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  });
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // Nobody is left in it.
  }
}
