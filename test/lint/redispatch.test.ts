// haproxy/no-redispatch claims what HAProxy does with a request whose connection is refused: its page's own examples are
// run, with one server that is there and one that is not.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, get } from "node:http";
import { createServer as createTcpServer, type AddressInfo, type Server } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { test, type TestContext } from "node:test";
import { read, root } from "../package/project.js";

interface Example {
  readonly section: "Bad" | "Good";
  readonly files: ReadonlyMap<string, string>;
}

const skip = spawnSync("haproxy", ["-v"]).error === undefined ? false : "haproxy is not installed";

async function readExample(section: Example["section"]): Promise<string> {
  const url = pathToFileURL(path.join(root, "docs", "lint", "examples.js")).href;
  const { readExamples } = (await import(url)) as { readExamples: (page: string) => Example[] };
  const found = readExamples(read("docs/lint/haproxy-no-redispatch.md")).find(
    (example) => example.section === section,
  );
  return found?.files.get("haproxy.cfg") ?? "";
}

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** A port that nothing listens on any more. */
async function closedPort(): Promise<number> {
  const server = createTcpServer();
  const port = await listen(server);
  server.close();
  await once(server, "close");
  return port;
}

async function ask(port: number): Promise<number> {
  const [response] = (await once(get({ port, host: "127.0.0.1", agent: false }), "response")) as [
    { statusCode: number; resume: () => void },
  ];
  response.resume();
  return response.statusCode;
}

/** Starts HAProxy on a page's example, with checks left out: they would take the closed server away. */
async function startHaproxy(t: TestContext, text: string): Promise<number> {
  const server = createServer((_, response) => response.end("ok"));
  t.after(() => server.close());
  const [there, gone, port] = [await listen(server), await closedPort(), await closedPort()];
  const folder = mkdtempSync(path.join(tmpdir(), "lastcall-haproxy-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, "haproxy.cfg");
  const changed = text
    .replace("10.0.0.1:3000", `127.0.0.1:${there}`)
    .replace("10.0.0.2:3000", `127.0.0.1:${gone}`)
    .replace("bind :8080", `bind 127.0.0.1:${port}`)
    // Between two retries it waits for a second, or for this.
    .replace("timeout connect 2s", "timeout connect 100ms")
    .replace(/^.*(?:default-server|httpchk).*\n/gm, "");
  assert.match(changed, /server two 127/);
  writeFileSync(file, changed);
  const child = spawn("haproxy", ["-db", "-f", file], { stdio: "ignore" });
  t.after(() => child.kill("SIGKILL"));
  for (;;) {
    if (child.exitCode !== null) assert.fail(`haproxy ended with ${child.exitCode}`);
    try {
      await ask(port);
      return port;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ECONNREFUSED") throw error;
    }
  }
}

/** Both servers have their turn twice. */
async function askFourTimes(port: number): Promise<number[]> {
  const statuses: number[] = [];
  for (let count = 0; count < 4; count += 1) statuses.push(await ask(port));
  return statuses.sort((a, b) => a - b);
}

test(
  "without option redispatch HAProxy answers 503 for a server that is gone",
  { skip },
  async (t) => {
    const port = await startHaproxy(t, await readExample("Bad"));
    assert.deepEqual(await askFourTimes(port), [200, 200, 503, 503]);
  },
);

test("with option redispatch the other server answers all of them", { skip }, async (t) => {
  const port = await startHaproxy(t, await readExample("Good"));
  assert.deepEqual(await askFourTimes(port), [200, 200, 200, 200]);
});
