// A service that runs before anybody proves it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { findFreePort } from "#src/prove/machine/port.js";
import { loopback } from "#src/prove/request/address.js";
import { isListening } from "#src/prove/subject/answer.js";
import { environment } from "./toolchain.mjs";

const LOOK_MS = 20;
const PATIENCE_MS = 20_000;

/** Resolves to `{ pid, url, stop }` when it listens. */
export async function startService(folder, command) {
  const port = await findFreePort();
  const [file, ...words] = command;
  const child = spawn(file, words, {
    cwd: folder,
    env: { ...environment(), PORT: String(port) },
    stdio: "ignore",
    detached: true,
  });
  await once(child, "spawn");
  const { pid = 0 } = child;
  const ended = once(child, "exit");
  const stop = async () => {
    // All of its group: its workers must not outlive it.
    if (child.exitCode === null && child.signalCode === null) process.kill(-pid, "SIGKILL");
    await ended;
  };
  for (let waited = 0; !(await isListening(loopback(port))); waited += LOOK_MS) {
    if (child.exitCode !== null || waited > PATIENCE_MS) {
      await stop();
      throw new Error(`${command.join(" ")} in ${folder} does not listen`);
    }
    await sleep(LOOK_MS);
  }
  return { pid, url: `http://127.0.0.1:${port}`, stop };
}
