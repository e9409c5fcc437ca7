import assert from "node:assert/strict";
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

import { certificate } from "../../harness/tls.js";
import { root } from "../../package/project.js";
import { Crowd } from "./clients.js";
import type { Plan } from "./plans.js";
import type { Count } from "./world.js";

/** More than this in bytes is not what a process makes once: a response that is kept takes 2,000 and more, for each client. */
const LARGEST_GROWTH = 1_000_000;

/** Listeners that may be there at one count and not at another: what is under way just then. */
const FLEETING = 60;

const WORLD = path.join(import.meta.dirname, "world.js");

/**
 * Runs a sample in a process of its own, lets two rounds of clients come and go, and says what the second
 * has left behind: listeners, memory, connections, and Node's warnings. Nothing: it is well.
 *
 * @param name of the folder it is written to.
 */
export async function findLeaks(name: string, text: string, plan: Plan): Promise<string[]> {
  const folder = path.join(root, "build", "samples", name.replaceAll(/\W+/g, "-"));
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "sample.mjs"), assemble(text, plan));
  writeFileSync(path.join(folder, "app.mjs"), "export const app = (_, res) => res.end();");
  writeFileSync(path.join(folder, "tls.key"), certificate.key);
  writeFileSync(path.join(folder, "tls.crt"), certificate.cert);
  const child = fork(path.join(folder, "sample.mjs"), {
    cwd: folder,
    execArgv: ["--expose-gc", "--import", WORLD],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
  try {
    return plan.isScript ? await findFailure(child, () => stderr) : await load(child, plan);
  } catch (error) {
    throw new Error(`${String(error)}\n${stderr}`, { cause: error });
  } finally {
    child.kill("SIGKILL");
  }
}

/** The sample between what it takes for granted and what sets it going. */
function assemble(text: string, plan: Plan): string {
  let sample = text;
  for (const [from, to] of Object.entries(plan.replace ?? {})) {
    assert.ok(sample.includes(from), `the sample has no \`${from}\` any more`);
    sample = sample.replaceAll(from, to);
  }
  const { imports = "", given = "", once: first = "undefined", answer = "res.end()" } = plan;
  const isApp = plan.answer === undefined && plan.once === undefined;
  const handle = `(req, res) => void Promise.resolve(${answer}).catch(() => {})`;
  const last = plan.isScript
    ? "process.disconnect();"
    : `${first};\nawait finish(service${isApp ? "" : `, ${handle}`});`;
  return `${imports}\n${given}\n${sample}\n${last}\n`;
}

async function findFailure(child: ChildProcess, stderr: () => string): Promise<string[]> {
  const [code] = (await once(child, "exit")) as [number | null];
  return code === 0 ? [] : [`exits with ${String(code)}: ${stderr()}`];
}

async function load(child: ChildProcess, plan: Plan): Promise<string[]> {
  const { clients = "requests", path: url = "/", count = 600 } = plan;
  const port = await hear<number>(child);
  const crowd = new Crowd({ port, path: url, isTls: plan.isTls === true }, clients);
  const round = async (clients: number): Promise<Count> => {
    await crowd.round(clients);
    child.send(crowd.staying);
    return hear<Count>(child);
  };
  try {
    // What is made once is made by then.
    const before = await round(count / 2);
    return compare(before, await round(count), count);
  } finally {
    crowd.close();
  }
}

/** The child's next message; its end is an error. */
async function hear<T>(child: ChildProcess): Promise<T> {
  const gone = new AbortController();
  const exited = once(child, "exit", { signal: gone.signal }).then(([code]) => {
    throw new Error(`the sample has exited with ${String(code)}`);
  });
  try {
    const [message] = (await Promise.race([
      once(child, "message", { signal: gone.signal }),
      exited,
    ])) as [T];
    return message;
  } finally {
    gone.abort();
    exited.catch(() => {});
  }
}

function compare(before: Count, after: Count, count: number): string[] {
  const found = Object.entries(after.listeners).flatMap(([name, now]) => {
    const more = now - (before.listeners[name] ?? 0);
    return more > FLEETING ? [`${more} more listeners on ${name} after ${count} clients`] : [];
  });
  const growth = after.heap - before.heap;
  if (growth > LARGEST_GROWTH) {
    found.push(
      `the heap has grown by ${Math.round(growth / count)} bytes for each of ${count} clients`,
    );
  }
  if (after.connections > 0) found.push(`${after.connections} connections are left`);
  return [...found, ...after.warnings];
}
