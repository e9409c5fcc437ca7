// A reload in development: from the change of a file to the new version's first answer, with real watchers.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { suite, test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";

import { plain } from "./harness/serve.js";
import { unlessStalled } from "./harness/unless-stalled.js";

const require = createRequire(import.meta.url);
const LIBRARY = pathToFileURL(path.join(import.meta.dirname, "../../dist/lastcall/index.js")).href;

const WATCHERS: Readonly<Record<string, readonly string[]>> = {
  "node --watch": ["--watch"],
  "tsx watch": [require.resolve("tsx/cli"), "watch"],
  nodemon: [require.resolve("nodemon/bin/nodemon.js")],
  "nodemon --signal SIGTERM": [require.resolve("nodemon/bin/nodemon.js"), "--signal", "SIGTERM"],
};

/** How much longer than a bare server's a reload may take: a lame duck alone would be two seconds more. */
const MOST_MORE = 1_500;

const program = (options: string | undefined): string => `
import { createServer } from "node:http";
${options === undefined ? "" : `import { lastcall } from ${JSON.stringify(LIBRARY)};`}
const version = "old";
const server = createServer((req, res) => {
  if (req.url !== "/never") res.end(version);
});
${options === undefined ? "" : `lastcall(${options}).attach(server);`}
server.listen(Number(process.env.PORT), "127.0.0.1", () => console.log("listening", version));
`;

/** A program that a watcher runs, and a client with a pool. */
class Watched {
  readonly #file: string;
  readonly #port: number;
  readonly #agent = new http.Agent({ keepAlive: true });
  output = "";

  constructor(t: TestContext, port: number, watcher: readonly string[], options?: string) {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "lastcall-watched-"));
    this.#port = port;
    this.#file = path.join(folder, "server.mjs");
    fs.writeFileSync(this.#file, program(options));
    const child = spawn(process.execPath, [...watcher, this.#file], {
      cwd: folder,
      env: { ...process.env, PORT: String(port), npm_lifecycle_script: "" },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => (this.output += text));
    }
    t.after(() => {
      this.#agent.destroy();
      // Its group is the watcher's and its program's alone.
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      fs.rmSync(folder, { recursive: true, force: true });
    });
  }

  /** A request that is not waited for. */
  ask(url: string): Promise<string> {
    return new Promise((answered) => {
      const request = http.get({
        port: this.#port,
        host: "127.0.0.1",
        path: url,
        agent: this.#agent,
      });
      request.on("error", (error: NodeJS.ErrnoException) => answered(error.code ?? error.message));
      request.on("response", (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (data: string) => (text += data));
        response.on("end", () => answered(text)).on("error", () => answered("torn"));
      });
    });
  }

  /** Resolves to how long it took until that version answered. */
  async until(version: string, longest = 30_000): Promise<number> {
    const begun = performance.now();
    while ((await this.ask("/")) !== version) {
      const tooLong = performance.now() - begun > longest;
      assert.ok(!tooLong, `no \`${version}\` in ${longest} ms: ${this.output}`);
      await sleep(20);
    }
    return performance.now() - begun;
  }

  change(): void {
    const text = fs.readFileSync(this.#file, "utf8");
    fs.writeFileSync(this.#file, text.replace('"old"', '"new"'));
  }

  /** Waits until the watcher has begun to watch: not before that it sees a change. */
  async watches(): Promise<void> {
    await this.until("old");
    await sleep(1_000);
  }
}

/** A port that was free a moment ago. */
async function freePort(t: TestContext): Promise<number> {
  const { server, target } = await plain(t, () => {});
  await new Promise((closed) => server.close(closed));
  return target.port ?? 0;
}

async function reload(
  t: TestContext,
  watcher: readonly string[],
  options?: string,
): Promise<number> {
  const watched = new Watched(t, await freePort(t), watcher, options);
  await watched.watches();
  watched.change();
  return watched.until("new");
}

suite("a reload in development", { concurrency: 1 }, () => {
  for (const [name, watcher] of Object.entries(WATCHERS)) {
    test(`with ${name} it takes hardly longer than a bare server's`, async (t) => {
      const { own, bare } = await unlessStalled(
        async () => ({ bare: await reload(t, watcher), own: await reload(t, watcher, "{}") }),
        ({ own: ms, bare: bareMs }) => ms > bareMs + MOST_MORE,
      );
      t.diagnostic(`${Math.round(own)} ms, bare ${Math.round(bare)} ms`);
      assert.ok(own < bare + MOST_MORE, `${own} ms, bare ${bare} ms`);
    });
  }

  for (const name of ["node --watch", "nodemon --signal SIGTERM"]) {
    test(`(control) with \`development: false\` and ${name} it waits for the lame duck, or finds its port taken`, async (t) => {
      const watched = new Watched(
        t,
        await freePort(t),
        WATCHERS[name] ?? [],
        "{ development: false }",
      );
      await watched.watches();
      watched.change();
      const begun = performance.now();
      const since = (): number => performance.now() - begun;
      const isTaken = (): boolean => watched.output.includes("EADDRINUSE");
      while (!isTaken() && (await watched.ask("/")) !== "new") {
        assert.ok(since() < 30_000, watched.output);
        await sleep(20);
      }
      t.diagnostic(isTaken() ? "EADDRINUSE" : `${Math.round(since())} ms`);
      assert.ok(isTaken() || since() >= 2_000, `${since()} ms`);
    });
  }

  test("a request that never ends costs two seconds, and not the whole budget", async (t) => {
    const watcher = WATCHERS["node --watch"] ?? [];
    const watched = new Watched(t, await freePort(t), watcher, "{}");
    await watched.watches();
    const never = watched.ask("/never");
    await sleep(100);
    watched.change();
    const ms = await watched.until("new");
    assert.equal(await never, "ECONNRESET");
    // The default budget would keep it for twenty seconds.
    assert.ok(ms < 10_000, `${ms} ms`);
    assert.match(
      watched.output,
      /"code":"development-reload","message":"node --watch runs the process/,
    );
  });
});
