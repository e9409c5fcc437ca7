// A real proxy that sends a POST again when an instance goes without an answer: no client sees it, and the
// service's own records do.
import assert from "node:assert/strict";
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { prove } from "#src/prove/index.js";
import { findFreePort } from "#src/prove/machine/port.js";
import { loopback } from "#src/prove/request/address.js";
import { isListening } from "#src/prove/subject/answer.js";

/** Records an order, and answers it; told to stop it leaves with the next one, which it has recorded. */
const INSTANCE = `
  const { appendFileSync } = require("node:fs");
  let isLeaving = false;
  require("node:http").createServer((request, response) => {
    request.resume().on("end", () => {
      if (request.method !== "POST") return response.end();
      appendFileSync(process.env.RECORDS, request.headers["x-request-id"] + "\\n");
      if (isLeaving) process.exit(0);
      response.end("done\\n");
    });
  }).listen(process.env.PORT, "127.0.0.1");
  process.on("SIGTERM", () => (isLeaving = true));`;

interface Ports {
  readonly front: number;
  readonly one: number;
  readonly two: number;
}

interface Proxy {
  readonly name: string;
  readonly start: (file: string, folder: string) => readonly string[];
  readonly configure: (ports: Ports, retry: string) => string;
  /** Sends everything again, and sends nothing again that may have arrived. */
  readonly repeats: string;
  readonly spares: string;
}

const PROXIES: readonly Proxy[] = [
  {
    name: "haproxy",
    start: (file) => ["-db", "-f", file],
    configure: ({ front, one, two }, retry) => `
defaults
  mode http
  timeout connect 2s
  timeout client 10s
  timeout server 10s
  retries 3
  option redispatch 1
listen all
  bind 127.0.0.1:${String(front)}
  ${retry}
  server one 127.0.0.1:${String(one)}
  server two 127.0.0.1:${String(two)}
`,
    repeats: "retry-on all-retryable-errors",
    spares: "retry-on all-retryable-errors\n  http-request disable-l7-retry if METH_POST",
  },
  {
    name: "nginx",
    start: (file, folder) => ["-p", folder, "-c", file],
    configure: ({ front, one, two }, retry) => `
daemon off;
${process.getuid?.() === 0 ? "user root;" : ""}
pid nginx.pid;
error_log error.log;
events {}
http {
  access_log off;
  ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${name};`).join(" ")}
  upstream all {
    server 127.0.0.1:${String(one)} max_fails=0;
    server 127.0.0.1:${String(two)} max_fails=0;
  }
  server {
    listen 127.0.0.1:${String(front)};
    location / {
      proxy_pass http://all;
      proxy_next_upstream ${retry};
    }
  }
}
`,
    repeats: "error timeout non_idempotent",
    spares: "error timeout",
  },
];

function skipWithout(name: string): string | false {
  const { error } = spawnSync(name, ["-v"]);
  return error === undefined ? false : `\`${name}\` is not installed`;
}

async function runBehind(t: TestContext, proxy: Proxy, retry: string): Promise<string[]> {
  const folder = mkdtempSync(path.join(tmpdir(), "lastcall-proxy-"));
  const children: ChildProcess[] = [];
  t.after(async () => {
    for (const child of children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = once(child, "exit");
      // Not by SIGKILL, with which nginx would leave its workers behind; an instance ignores what asks it to go.
      child.kill(child.spawnfile === proxy.name ? "SIGTERM" : "SIGKILL");
      await gone;
    }
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  const records = path.join(folder, "records");
  writeFileSync(records, "");
  const [front, one, two] = [await findFreePort(), await findFreePort(), await findFreePort()];
  const start = async (file: string, args: readonly string[], port: number): Promise<number> => {
    const env = { ...process.env, PORT: String(port), RECORDS: records };
    const child = spawn(file, args, { env, stdio: "ignore" });
    children.push(child);
    while (!(await isListening(loopback(port)))) {
      assert.equal(child.exitCode, null, `${file} does not start`);
      await sleep(20);
    }
    return child.pid ?? 0;
  };
  const leaving = await start(process.execPath, ["-e", INSTANCE], one);
  await start(process.execPath, ["-e", INSTANCE], two);
  const file = path.join(folder, "proxy.conf");
  writeFileSync(file, proxy.configure({ front, one, two }, retry));
  await start(proxy.name, proxy.start(file, folder), front);
  const result = await prove({
    url: `http://127.0.0.1:${String(front)}/`,
    during: `kill -TERM ${String(leaving)}; sleep 0.5`,
    tail: 500,
    warmup: 300,
    requests: ["POST /orders {}"],
    effects: `cat ${records}`,
    clients: { pool: 16, fresh: 4, slow: 0 },
  });
  assert.notEqual(result.verdict, "could-not-run", result.trials[0]?.faults.join("; "));
  return result.findings.map(({ id }) => id);
}

for (const proxy of PROXIES) {
  const skip = skipWithout(proxy.name);
  test(
    `${proxy.name} with \`${proxy.repeats}\` has orders carried out twice`,
    { skip },
    async (t) => {
      const found = await runBehind(t, proxy, proxy.repeats);
      assert.ok(found.includes("effects/twice"), found.join(", "));
    },
  );

  test(`control: ${proxy.name} that repeats no POST loses answers instead`, { skip }, async (t) => {
    const found = await runBehind(t, proxy, proxy.spares);
    assert.ok(!found.includes("effects/twice"), found.join(", "));
    assert.ok(found.includes("effects/lost"), found.join(", "));
  });
}
