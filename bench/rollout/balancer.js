// HAProxy on loopback, in front of two ports: as its own documentation has it, with a health check and nothing tuned for Node.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const CHECK_EVERY = 500;

const configure = (front, backs, stats) => `
global
  stats socket ${stats} mode 600 level admin
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend front
  bind 127.0.0.1:${front}
  default_backend service
backend service
  balance roundrobin
  option httpchk GET /readyz
  default-server check inter ${CHECK_EVERY}ms fall 2 rise 2
${backs.map((port, index) => `  server s${index} 127.0.0.1:${port}`).join("\n")}
`;

/** Starts it; `isUp(index)` asks it what it thinks of an instance. */
export async function startBalancer(front, backs) {
  const folder = await mkdtemp(path.join(tmpdir(), "lastcall-rollout-"));
  const [file, stats] = ["haproxy.cfg", "stats"].map((name) => path.join(folder, name));
  await writeFile(file, configure(front, backs, stats));
  const child = spawn("haproxy", ["-db", "-f", file], { stdio: "ignore" });
  child.on("error", (error) => {
    throw new Error("HAProxy cannot be started (apt-get install haproxy)", { cause: error });
  });
  return {
    async untilUp(index) {
      for (let left = 300; left > 0; left--) {
        if (await isUp(stats, index)) return;
        await pause(50);
      }
      throw new Error(`HAProxy does not find instance ${index}`);
    },
    async stop() {
      child.kill("SIGTERM");
      if (child.exitCode === null) await once(child, "exit");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function isUp(stats, index) {
  const socket = net.connect(stats);
  let text = "";
  try {
    socket.end("show stat\n");
    for await (const chunk of socket) text += chunk;
  } catch {
    return false;
  }
  const cells = text.split("\n").map((line) => line.split(","));
  const row = cells.find(([backend, server]) => backend === "service" && server === `s${index}`);
  return row?.[17] === "UP";
}
