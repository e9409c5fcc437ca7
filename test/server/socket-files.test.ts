import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, lstatSync, mkdtempSync, renameSync, rmSync, unlinkSync } from "node:fs";
import http from "node:http";
import http2 from "node:http2";
import https from "node:https";
import net, { type Server } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { test, type TestContext } from "node:test";

import { lastcall } from "lastcall";

import { start } from "../harness/program.js";
import { QUIET } from "../harness/serve.js";
import { certificate } from "../harness/tls.js";

const skip = process.platform === "win32" && "named pipes have no file";

function folder(t: TestContext): string {
  const made = mkdtempSync(path.join(tmpdir(), "lastcall-"));
  t.after(() => rmSync(made, { recursive: true }));
  return made;
}

async function listen<S extends Server>(t: TestContext, server: S, file: string): Promise<S> {
  server.listen(file);
  t.after(() => void (server.listening && server.close()));
  await once(server, "listening");
  return server;
}

/** A successor takes the path: removes the file and listens there, or puts its own over it. */
const TAKEOVERS: Record<string, (t: TestContext, file: string) => Promise<unknown>> = {
  "removed and bound": async (t, file) => {
    unlinkSync(file);
    return listen(t, http.createServer(), file);
  },
  "renamed over": async (t, file) => {
    await listen(t, http.createServer(), `${file}.new`);
    renameSync(`${file}.new`, file);
  },
};

const SERVERS: Record<string, () => http.Server> = {
  http: () => http.createServer(),
  https: () => https.createServer(certificate),
  http2: () => http2.createSecureServer(certificate) as unknown as http.Server,
  h2c: () => http2.createServer() as unknown as http.Server,
};

/** Looks at the path at every turn of the loop; resolves to what it was, without repetition. */
function watch(file: string): () => string[] {
  const seen: string[] = [];
  let isOver = false;
  const look = (): void => {
    const found = existsSync(file) ? String(lstatSync(file).ino) : "gone";
    if (seen.at(-1) !== found) seen.push(found);
    if (!isOver) setImmediate(look);
  };
  look();
  return () => {
    isOver = true;
    return seen;
  };
}

for (const [how, takeOver] of Object.entries(TAKEOVERS)) {
  for (const [kind, create] of Object.entries(SERVERS)) {
    test(`${kind}: the file of a successor (${how}) stays`, { skip }, async (t) => {
      const file = path.join(folder(t), "app.sock");
      const service = lastcall({ ...QUIET, lameDuck: false });
      const server = await listen(t, service.attach(create()), file);
      await takeOver(t, file);
      const { ino } = lstatSync(file);
      const seen = watch(file);
      const closed = once(server, "close");

      const { outcome } = await service.drain();
      await closed;

      assert.deepEqual(seen(), [String(ino)]);
      assert.equal(outcome, "clean");
      assert.equal(server.listening, false);
      const client = net.connect(file);
      await once(client, "connect");
      client.destroy();
    });
  }
}

test(
  "a server that was listening when it was attached, and the application's own close()",
  { skip },
  async (t) => {
    const file = path.join(folder(t), "app.sock");
    const server = await listen(t, http.createServer(), file);
    const service = lastcall(QUIET);
    service.attach(server);
    t.after(() => service.uninstall());
    await TAKEOVERS["removed and bound"]?.(t, file);

    server.close();
    await once(server, "close");

    assert.ok(existsSync(file));
  },
);

test("(control: a plain server removes its successor's)", { skip }, async (t) => {
  const file = path.join(folder(t), "app.sock");
  const server = await listen(t, http.createServer(), file);
  await TAKEOVERS["removed and bound"]?.(t, file);

  server.close();
  await once(server, "close");

  assert.equal(existsSync(file), false);
});

test("after uninstall() the handle is Node's own again", { skip }, async (t) => {
  const file = path.join(folder(t), "app.sock");
  const service = lastcall(QUIET);
  const server = await listen(t, service.attach(http.createServer()), file);
  const { _handle: handle } = server as http.Server & { _handle?: object };
  assert.equal(Object.hasOwn(handle ?? {}, "close"), true);

  service.uninstall();

  assert.equal(Object.hasOwn(handle ?? {}, "close"), false);
});

test("without a successor the file goes away", { skip }, async (t) => {
  const file = path.join(folder(t), "app.sock");
  const service = lastcall({ ...QUIET, lameDuck: false });
  await listen(t, service.attach(http.createServer()), file);

  await service.drain();

  assert.equal(existsSync(file), false);
});

test(
  "an abstract socket closes as ever",
  { skip: process.platform !== "linux" && "Linux has them" },
  async (t) => {
    const name = `\0lastcall-${process.pid}`;
    const service = lastcall({ ...QUIET, lameDuck: false });
    await listen(t, service.attach(http.createServer()), name);

    await service.drain();

    await listen(t, http.createServer(), name);
  },
);

/** One after the other until told to stop, and once more; resolves to what the path answered, and how often it did not. */
function askOn(t: TestContext, file: string): () => Promise<{ answers: string[]; failed: number }> {
  const over = new AbortController();
  t.after(() => over.abort());
  const answers: string[] = [];
  let failed = 0;
  const asking = (async () => {
    for (let isLast = false; !isLast;) {
      isLast = over.signal.aborted;
      const req = http.get({ socketPath: file, agent: false });
      try {
        const [res] = (await once(req, "response")) as [http.IncomingMessage];
        answers.push(String((await once(res, "data"))[0]));
      } catch {
        failed++;
      }
    }
  })();
  return async () => {
    over.abort();
    await asking;
    return { answers, failed };
  };
}

const ENDINGS: Record<string, string> = {
  lastcall: "by its signal",
  own: "for want of anything to do",
  cluster: "the primary of a cluster",
};

for (const [ending, words] of Object.entries({ ...ENDINGS, plain: "" })) {
  const isControl = ending === "plain";
  const title = isControl
    ? "(control: a plain process takes the path with it, and every client fails)"
    : `a process that leaves, ${words}: no client fails`;
  test(title, { skip }, async (t) => {
    const file = path.join(folder(t), "app.sock");
    const first = start(t, "unix", [file, "first", ending]);
    await first.says(/listening/);
    unlinkSync(file);
    const second = start(t, "unix", [file, "second"]);
    await second.says(/listening/);
    const over = askOn(t, file);

    first.kill("SIGTERM");

    assert.deepEqual(await first.exit, { code: 0, signal: null });
    assert.equal(existsSync(file), !isControl);
    const { answers, failed } = await over();
    if (isControl) return assert.ok(failed > 0);
    assert.equal(failed, 0);
    assert.ok(answers.length > 0 && answers.every((each) => each === "second"));
    second.kill("SIGTERM");
    await second.exit;
    assert.equal(existsSync(file), false);
  });
}
