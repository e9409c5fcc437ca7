// Ctrl-C while something that was not started here is proved.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startTimeOf } from "#src/prove/machine/group.js";
import { findFreePort } from "#src/prove/machine/port.js";
import { loopback } from "#src/prove/request/address.js";
import { isListening } from "#src/prove/subject/answer.js";
import { pathOf } from "../prove/prove-fixture.js";
import { startCli } from "./run-cli.js";

const VANISHES = fileURLToPath(new URL("../fixtures/prove-vanishes.js", import.meta.url));
const FEW = ["--clients", "pool=3,fresh=1,slow=1,idle=2,silent=1,half-head=1"];

async function serve(t: TestContext): Promise<{ pid: number; port: string }> {
  const port = String(await findFreePort());
  const child = spawn(process.execPath, [pathOf("never-exits")], {
    env: { ...process.env, PORT: port },
    stdio: "ignore",
  });
  t.after(() => child.kill("SIGKILL"));
  while (!(await isListening(loopback(Number(port))))) await sleep(10);
  return { pid: child.pid ?? 0, port };
}

/** Waits until a command has written its process id. */
async function readPid(t: TestContext, write: (file: string) => void): Promise<number> {
  const folder = mkdtempSync(path.join(tmpdir(), "lastcall-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = path.join(folder, "pid");
  write(file);
  let text = "";
  while (!text.endsWith("\n")) {
    await sleep(10);
    if (existsSync(file)) text = readFileSync(file, "utf8");
  }
  return Number(text);
}

describe("interrupted", { concurrency: 3 }, () => {
  test("--during: the command is ended with the prover, the service is not", async (t) => {
    const { pid, port } = await serve(t);
    let cli: ReturnType<typeof startCli> | undefined;
    const command = await readPid(t, (file) => {
      const during = `echo $$ > '${file}'; sleep 600`;
      cli = startCli(["prove", "--warmup", "50ms", "--port", port, "--during", during, ...FEW]);
    });
    cli?.kill("SIGINT");
    assert.equal((await cli?.ended)?.code, 130);
    assert.equal(startTimeOf(command), undefined);
    assert.notEqual(startTimeOf(pid), undefined);
  });

  test("--during: also when the prover is killed", async (t) => {
    const { port } = await serve(t);
    let cli: ReturnType<typeof startCli> | undefined;
    const command = await readPid(t, (file) => {
      const during = `echo $$ > '${file}'; sleep 600`;
      cli = startCli(["prove", "--warmup", "50ms", "--port", port, "--during", during, ...FEW]);
    });
    cli?.kill("SIGKILL");
    await cli?.ended;
    while (startTimeOf(command) !== undefined) await sleep(10);
  });

  for (const kind of ["shell", "child"]) {
    test(`killed in the moment in which a command begins, the prover leaves none (${kind})`, async (t) => {
      const folder = mkdtempSync(path.join(tmpdir(), "lastcall-"));
      t.after(() => rmSync(folder, { recursive: true }));
      const [group, ran] = [path.join(folder, "group"), path.join(folder, "ran")];
      const args = [VANISHES, kind, `echo > '${ran}'; sleep 600`];
      const env = { ...process.env, GROUP_FILE: group };
      await once(spawn(process.execPath, args, { env, stdio: "inherit" }), "exit");
      while (startTimeOf(Number(readFileSync(group, "utf8"))) !== undefined) await sleep(10);
      if (kind === "shell") assert.equal(existsSync(ran), false, "it never began");
    });
  }

  for (const [option, ...times] of [
    ["--during", "--tail", "0s"],
    ["--signal-with", "--grace", "300ms"],
  ] as const) {
    test(`not interrupted: what the command of ${option} leaves in the background stays`, async (t) => {
      const { port } = await serve(t);
      let cli: ReturnType<typeof startCli> | undefined;
      // It keeps the command's output open, which must not keep the prover.
      const left = await readPid(t, (file) => {
        const command = `sleep 600 & echo $! > '${file}'`;
        const target = ["--port", port, option, command, ...times];
        cli = startCli(["prove", "--warmup", "50ms", ...target, ...FEW]);
      });
      t.after(() => process.kill(left, "SIGKILL"));
      assert.equal((await cli?.ended)?.code, 0);
      assert.notEqual(startTimeOf(left), undefined);
    });
  }

  test("--pid: in the middle of its grace period, the prover leaves at once and the process alone", async (t) => {
    const { pid, port } = await serve(t);
    let cli: ReturnType<typeof startCli> | undefined;
    await readPid(t, (file) => {
      const stop = `kill -TERM ${String(pid)}; echo $$ > '${file}'`;
      const target = ["--pid", String(pid), "--port", port, "--signal-with", stop];
      cli = startCli(["prove", "--warmup", "50ms", "--grace", "10m", ...target, ...FEW]);
    });
    cli?.kill("SIGINT");
    assert.equal((await cli?.ended)?.code, 130);
    assert.notEqual(startTimeOf(pid), undefined);
  });
});
