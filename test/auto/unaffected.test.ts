import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { suite, test, type TestContext } from "node:test";

import { preload, programs, startAuto, type Way } from "../harness/auto.js";

const root = path.join(import.meta.dirname, "..", "..", "..");
const PRELOADED = "--import lastcall/auto";

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command with `lastcall/auto` in every Node that it starts, or without. */
function run(
  way: Way,
  [command, ...args]: readonly [string, ...string[]],
  input = "",
): Promise<Ran> {
  const [, env] = preload(way);
  const child = spawn(command, args, { cwd: root, env });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

/** Times differ from run to run, and so do the names of temporary files. */
function withoutTimes({ code, stdout, stderr }: Ran): Ran {
  const strip = (text: string): string =>
    text.replaceAll(/\d+\.\d+(?=ms|$)|\d{4}-\d\d-\d\dT[\d_]+Z/gm, "#");
  return { code, stdout: strip(stdout), stderr: strip(stderr) };
}

const NODE = process.execPath;
const TSC = path.join(root, "node_modules", ".bin", "tsc");

function project(t: TestContext, source: string): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), "lastcall-auto-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(path.join(folder, "a.ts"), source);
  return path.join(folder, "a.ts");
}

suite("programs that do not serve have the same output and exit code", { concurrency: 2 }, () => {
  const commands: readonly (readonly [string, readonly [string, ...string[]], string?])[] = [
    ["a script", [NODE, path.join(programs, "script.mjs")]],
    [
      "a script with an error",
      [NODE, "-e", 'console.log(1); throw Object.assign(new Error("x"), { stack: "x" })'],
    ],
    ["a script that exits", [NODE, "-e", "process.exitCode = 3"]],
    ["a REPL", [NODE, "-i"], "1 + 1\nprocess.listenerCount('SIGTERM')\n.exit\n"],
    ["npm", ["npm", "--version"]],
    ["npm run", ["npm", "run"]],
    ["npm, of no such script", ["npm", "run", "no-such-script", "--silent"]],
    ["npx", ["npx", "--no", "tsc", "--version"]],
    ["a worker thread", [NODE, path.join(programs, "thread.mjs")]],
    ["oxlint", ["npx", "--no", "oxlint", "--version"]],
    ["node --test", [NODE, "--test", "--test-reporter=tap", path.join(programs, "suite.test.mjs")]],
  ];
  for (const [name, command, input] of commands) {
    test(name, async () => {
      const bare = withoutTimes(await run("bare", command, input));
      const preloaded = withoutTimes(await run("NODE_OPTIONS", command, input));
      assert.deepEqual(preloaded, bare);
    });
  }

  test("tsc, with a fault in its project and without", async (t) => {
    for (const [source, code] of [
      ["export const a: number = 1;\n", 0],
      ['export const a: number = "";\n', 1],
    ] as const) {
      const command = [NODE, TSC, "--ignoreConfig", "--noEmit", project(t, source)] as const;
      const bare = await run("bare", command);
      assert.equal(bare.code, code, bare.stdout);
      assert.deepEqual(await run("NODE_OPTIONS", command), bare);
    }
  });

  test("(control: a preload that does something) is seen", async () => {
    const command = [
      NODE,
      "--import",
      "data:text/javascript,process.on('SIGTERM',()=>{})",
    ] as const;
    const script = path.join(programs, "script.mjs");
    const other = await run("bare", [...command, script]);
    assert.notDeepEqual(other, await run("bare", [NODE, script]));
  });
});

test("what cannot be loaded is said once, and the program runs", async (t) => {
  // As in a bundle, which has this module and not the file beside it.
  const folder = mkdtempSync(path.join(os.tmpdir(), "lastcall-auto-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const { build } = await import("esbuild");
  const outfile = path.join(folder, "bundle.mjs");
  await build({
    stdin: {
      contents: `import "lastcall/auto"; import http from "node:http";
        const server = http.createServer().listen(0, "127.0.0.1", () => {
          setImmediate(() => console.log("listening " + server.address().port));
        });`,
      resolveDir: root,
    },
    bundle: true,
    platform: "node",
    format: "esm",
    outfile,
    logLevel: "silent",
  });
  const program = startAuto(t, "bare", [outfile], {});
  await program.port();
  program.kill("SIGTERM");
  assert.deepEqual(await program.exit, { code: null, signal: "SIGTERM" });
  assert.match(
    program.stderr,
    /\[auto-failed\] LastcallWarning: lastcall\/auto does nothing here: Cannot find module/,
  );
  assert.equal(program.stderr.match(/auto-failed/g)?.length, 1);
});

test("a server of another make is named once, and left alone", async (t) => {
  const program = startAuto(t, "import", ["foreign.mjs"], {});
  await program.port();
  assert.equal(program.stderr.match(/A server is left alone \(Foreign\)/g)?.length, 1);
  program.kill("SIGTERM");
  assert.deepEqual(await program.exit, { code: null, signal: "SIGTERM" });
});

test("where it cannot do its work, that is said, and the program runs as without it", async (t) => {
  const source =
    'Object.defineProperty(process, "emit", { value: process.emit, configurable: false })';
  const locks = `data:text/javascript,${encodeURIComponent(source)}`;
  const program = startAuto(t, "import", ["server.mjs", "http", "exits-3"], {
    NODE_OPTIONS: `--import ${locks}`,
  });
  await program.port();
  await program.says(/counts 1 1/);
  assert.match(program.stderr, /lastcall\/auto does nothing here: Cannot redefine property: emit/);
  program.kill("SIGTERM");
  assert.deepEqual(await program.exit, { code: 3, signal: null });
});

test(`${PRELOADED} twice, and as CommonJS too, is there once`, async (t) => {
  const program = startAuto(t, "require", ["server.mjs"], {
    NODE_OPTIONS: `${PRELOADED} ${PRELOADED}`,
    LASTCALL_LAME_DUCK: "false",
  });
  await program.port();
  program.kill("SIGTERM");
  assert.deepEqual(await program.exit, { code: 0, signal: null });
  assert.equal(program.stderr.match(/"lastcall":"drain"/g)?.length, 1);
});
