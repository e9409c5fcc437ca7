import assert from "node:assert/strict";
import http2 from "node:http2";
import { suite, test, type TestContext } from "node:test";

import { findFreePort } from "#src/prove/machine/port.js";
import { QUICK, startAuto, stopInFlight, type Way } from "../harness/auto.js";
import type { Program } from "../harness/program.js";
import { connect, tryConnect } from "../harness/wire.js";

/** What became of a request that was in flight when SIGTERM came, and of its program. */
async function stop(program: Program, tls = false): Promise<string> {
  const [answer, end] = await stopInFlight(program, tls);
  return `${answer === undefined ? "lost" : `${answer.status} ${answer.body}`}, ${end}`;
}

function run(t: TestContext, way: Way, ...args: [string, ...string[]]): Promise<string> {
  return stop(startAuto(t, way, args), args.includes("https"));
}

async function readiness(port: number): Promise<number> {
  const client = await connect({ port });
  await client.get("/readyz");
  const { status } = await client.response();
  client.close();
  return status;
}

suite("a program that was not changed", { concurrency: 4 }, () => {
  for (const way of ["import", "require", "NODE_OPTIONS"] as const) {
    for (const file of ["server.mjs", "server.cjs"]) {
      test(`${file} by ${way}: what is in flight is answered`, async (t) => {
        assert.equal(await run(t, way, file), "200 whole, 0");
      });
    }
  }

  test("over TLS", async (t) => {
    assert.equal(await run(t, "import", "server.mjs", "https"), "200 whole, 0");
  });

  for (const file of ["server.mjs", "server.cjs"]) {
    test(`(control: ${file} as it is) what is in flight is lost`, async (t) => {
      assert.match(await run(t, "bare", file), /^lost, (SIGTERM|0)$/);
    });
  }

  for (const [way, expected] of [
    ["import", "200 whole 0"],
    ["bare", "0"],
  ] as const) {
    test(`${way === "bare" ? "(control) " : ""}HTTP/2, ${way}`, async (t) => {
      const program = startAuto(t, way, ["server.mjs", "http2"]);
      const session = http2.connect(`http://127.0.0.1:${await program.port()}`);
      session.on("error", () => {});
      t.after(() => session.destroy());
      const stream = session.request({ ":path": "/slow" });
      let [status, body] = ["", ""];
      stream.on("error", () => {});
      stream.on("response", (head) => {
        status = `${String(head[":status"])} `;
      });
      stream.setEncoding("utf8").on("data", (text: string) => (body += text));
      await program.says(/in flight \/slow/);
      program.kill("SIGTERM");
      await new Promise((resolve) => stream.once("close", resolve));
      const { code, signal } = await program.exit;
      assert.equal(`${status}${body}${body && " "}${code ?? 0}`, expected);
      assert.equal(signal, way === "bare" ? "SIGTERM" : null);
    });
  }

  test("balancers have time to notice: a connection that comes after the signal is served", async (t) => {
    const env = { LASTCALL_LAME_DUCK_MIN: "1500ms", LASTCALL_PROBES: "/readyz" };
    const program = startAuto(t, "import", ["server.mjs"], env);
    const port = await program.port();
    assert.equal(await readiness(port), 200);
    program.kill("SIGTERM");
    // The signal takes its time; a process that is gone refuses, which fails.
    while ((await readiness(port)) === 200);
    const late = await connect({ port });
    await late.get("/");
    assert.equal((await late.response()).body, "whole");
    assert.equal((await program.exit).code, 0);
    // The probe is answered in front of the application.
    assert.doesNotMatch(program.stdout, /readyz/);
  });

  test("(control: as it is) it is refused", async (t) => {
    const program = startAuto(t, "bare", ["server.mjs"]);
    const port = await program.port();
    program.kill("SIGTERM");
    await program.exit;
    assert.equal(await tryConnect({ port }), "ECONNREFUSED");
  });

  test("a server on a port of the list is left alone, and serves to the end", async (t) => {
    const excluded = await findFreePort();
    const program = startAuto(t, "import", ["two-ports.mjs"], {
      ...QUICK,
      LASTCALL_EXCLUDE_PORTS: `${excluded},9090`,
      METRICS_PORT: `${excluded}`,
    });
    const client = await connect({ port: await program.port() });
    await client.get("/slow");
    await program.says(/in flight \/slow/);
    program.kill("SIGTERM");
    await program.says(/closed the first/);
    const metrics = await connect({ port: excluded });
    await metrics.get("/metrics");
    assert.equal((await metrics.response()).body, "metrics");
    assert.equal((await client.response()).body, "whole");
    assert.equal((await program.exit).code, 0);
    assert.equal(program.report.connections.open, 1);
  });

  test("(control: without the list) its listener is closed with the other", async (t) => {
    const port = await findFreePort();
    const environment = { ...QUICK, METRICS_PORT: `${port}` };
    const program = startAuto(t, "import", ["two-ports.mjs"], environment);
    const client = await connect({ port: await program.port() });
    await client.get("/slow");
    await program.says(/in flight \/slow/);
    program.kill("SIGTERM");
    await program.says(/closed the first/);
    assert.equal(await tryConnect({ port }), "ECONNREFUSED");
    assert.equal((await client.response()).body, "whole");
  });
});
