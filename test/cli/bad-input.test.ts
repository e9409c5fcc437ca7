// Services that cannot be proved: one clear sentence, exit 3, no process left, the terminal as before.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { describe, test, type TestContext } from "node:test";
import type { ProveResult } from "#src/prove/index.js";
import { startTimeOf } from "#src/prove/machine/group.js";
import { commandOf } from "../prove/prove-fixture.js";
import { MAIN, runCli, startCli } from "./run-cli.js";

// Few clients: it is not their losses that are judged here.
const FEW = ["--clients", "pool=3,fresh=1,slow=1,idle=2,silent=1,half-head=1"];
const SHORT = ["prove", "--warmup", "50ms", "--lag", "100ms", ...FEW];
const isLinux = process.platform === "linux";
const needsProc = isLinux ? {} : { skip: "needs /proc" };

/** More than a prover that kept it could hide. */
const FLOOD_MB = 160;

interface Folder {
  readonly pidFile: string;
  pid(): number;
}

function createFolder(t: TestContext): Folder {
  const folder = mkdtempSync(path.join(tmpdir(), "lastcall-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const pidFile = path.join(folder, "pid");
  return { pidFile, pid: () => Number(readFileSync(pidFile, "utf8")) };
}

describe("bad input", { concurrency: 4 }, () => {
  for (const [how, env] of [
    ["keeps its environment", {}],
    ["keeps nothing of it", { EMPTY_ENV: "1" }],
    ["keeps nothing of it, a moment later", { EMPTY_ENV: "1", STAYS: "150" }],
  ] as const) {
    test(`a service that forks away and ${how} → named, and ended`, needsProc, async (t) => {
      const folder = createFolder(t);
      const run = await runCli([...SHORT, "--", ...commandOf("daemonises")], {
        PID_FILE: folder.pidFile,
        ...env,
      });
      assert.equal(run.code, 3, run.stdout + run.stderr);
      const pid = folder.pid();
      const left = `\`.+\` \\(pid ${String(pid)}\\) in the background: `;
      const sentence = `exited with code 0 before it was signalled and left ${left}start it in the foreground`;
      assert.match(run.stderr, new RegExp(sentence));
      assert.equal(startTimeOf(pid), undefined, "the daemon was ended");
    });
  }

  test(
    "a service on one port that is not PORT → that one is used, and a note says so",
    needsProc,
    async () => {
      const run = await runCli([...SHORT, "--json", "--", ...commandOf("ignores-port")], {
        LAME_DUCK_MS: "400",
      });
      assert.equal(run.code, 0, run.stdout + run.stderr);
      const { notes } = JSON.parse(run.stdout) as ProveResult;
      assert.match(notes[0] ?? "", /^it listens on (\d+), not on \d+ as PORT says: \1 was used$/);
    },
  );

  test("a service on PORT and another one → nothing to say about it", async () => {
    const run = await runCli([...SHORT, "--json", "--", ...commandOf("ignores-port")], {
      LAME_DUCK_MS: "400",
      PORTS: "0,own",
    });
    assert.equal(run.code, 0, run.stdout + run.stderr);
    assert.deepEqual((JSON.parse(run.stdout) as ProveResult).notes, []);
  });

  for (const [what, ports, options, sentence] of [
    [
      "two ports, neither of which is PORT",
      "0,0",
      [],
      /; it listens on (\d+) and (\d+), not on PORT=\d+: pass --port \1 or --port \2\. It wrote nothing\.\n$/,
    ],
    [
      "a port that is not --port",
      "0",
      ["--port", "14999"],
      /; it listens on (\d+), not on --port 14999: pass --port \1\. It wrote nothing\.\n$/,
    ],
  ] as const) {
    test(`a service on ${what} → could not run`, needsProc, async () => {
      const args = [...SHORT, "--start-timeout", "5s", ...options];
      const run = await runCli([...args, "--", ...commandOf("ignores-port")], { PORTS: ports });
      assert.equal(run.code, 3, run.stdout + run.stderr);
      assert.match(run.stderr, sentence);
    });
  }

  test("a service that never listens → it listens on no port", needsProc, async () => {
    const command = [process.execPath, "-e", "setInterval(() => {}, 1e3)"];
    const run = await runCli([...SHORT, "--start-timeout", "500ms", "--", ...command]);
    assert.equal(run.code, 3);
    assert.match(run.stderr, /ECONNREFUSED \S+; it listens on no port\. It wrote nothing\.\n$/);
  });

  for (const [what, url, sentence] of [
    [
      "where nothing listens",
      "http://127.0.0.1:9",
      /the service did not answer on port 9 within 0\.3 s: connect ECONNREFUSED 127\.0\.0\.1:9\n$/,
    ],
    [
      "by a name nobody has",
      "http://no-such-host.invalid",
      /(there is no host named no-such-host\.invalid|no-such-host\.invalid did not answer within .*)\n$/,
    ],
  ] as const) {
    test(`a URL ${what} → could not run`, async () => {
      const run = await runCli([
        "prove",
        "--url",
        url,
        "--during",
        "true",
        "--start-timeout",
        "300ms",
      ]);
      assert.equal(run.code, 3, run.stdout + run.stderr);
      assert.match(run.stderr, sentence);
    });
  }

  test(
    "a service that floods stdout → neither blocked, nor kept in the prover's memory",
    needsProc,
    async () => {
      const command = ["sh", "-c", 'exec "$0" "$1" 2>"$2"', ...commandOf("floods")];
      const said = path.join(mkdtempSync(path.join(tmpdir(), "lastcall-")), "said");
      const env = { LAME_DUCK_MS: "400", FLOOD_MB: String(FLOOD_MB) };
      const cli = startCli([...SHORT, "--json", "--", ...command, said], env);
      let peak = 0;
      const timer = setInterval(() => {
        peak = Math.max(peak, readResident(cli.pid));
      }, 50);
      const run = await cli.ended;
      clearInterval(timer);
      assert.equal(run.code, 0, run.stdout + run.stderr);
      const flood = Number(/flood: (\d+) MB/.exec(readFileSync(said, "utf8"))?.[1]);
      rmSync(path.dirname(said), { recursive: true });
      assert.ok(flood >= FLOOD_MB, `the flood was ${String(flood)} MB`);
      assert.ok(peak > 0 && peak < 190, `the prover had ${String(peak)} MB`);
    },
  );

  const hasScript = spawnSync("script", ["--version"]).status === 0;
  test(
    "on a terminal: the progress line is cleared before the reason, and the cursor is shown",
    hasScript ? {} : { skip: "needs script(1)" },
    async () => {
      const command = `${process.execPath} -e "setInterval(()=>{},1e3)"`;
      const cli = `'${process.execPath}' '${MAIN}' prove --start-timeout 500ms -- ${command}`;
      const child = spawn("script", ["-qefc", cli, "/dev/null"], {
        stdio: ["ignore", "pipe", "ignore"],
      });
      const output = await text(child.stdout);
      assert.match(output, /starting the service/);
      // The last thing on the progress line is its end: what follows stands on a line of its own.
      assert.ok(output.includes("\r\u001B[Klastcall prove: could not run: "), output);
      const shown = output.lastIndexOf("\u001B[?25h");
      assert.ok(shown >= output.lastIndexOf("\u001B[?25l"), "a hidden cursor is shown again");
    },
  );
});

/** Megabytes of memory of a process. */
function readResident(pid: number): number {
  try {
    const status = readFileSync(`/proc/${String(pid)}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1_024;
  } catch {
    return 0;
  }
}
