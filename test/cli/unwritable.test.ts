// Where the command cannot write: a stdout that is full or has no reader, files on a full disk.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { test, type TestContext } from "node:test";
import { sampleResult } from "../prove/facts/sample-result.js";
import { commandOf } from "../prove/prove-fixture.js";
import { MAIN, runCli } from "./run-cli.js";

// Every write to it fails as on a full disk.
const FULL = "/dev/full";
const NEEDS_FULL = existsSync(FULL) ? {} : { skip: `no ${FULL} on this system` };

interface Ended {
  readonly code: number | null;
  readonly stderr: string;
}

async function run(args: readonly string[], stdout: number | "pipe"): Promise<Ended> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { ...process.env, GITHUB_ACTIONS: "", GITHUB_STEP_SUMMARY: "" },
    stdio: ["ignore", stdout, "pipe"],
  });
  // The reader has left before anything is written, as `head -c 0` does.
  child.stdout?.destroy();
  assert.ok(child.stderr !== null);
  const stderr = text(child.stderr);
  const [code] = (await once(child, "close")) as [number | null];
  return { code, stderr: await stderr };
}

async function runFull(args: readonly string[]): Promise<Ended> {
  const full = openSync(FULL, "w");
  try {
    return await run(args, full);
  } finally {
    closeSync(full);
  }
}

/** Two results, the second of which is worse. */
function writeResults(t: TestContext): [string, string] {
  const folder = mkdtempSync(path.join(tmpdir(), "lastcall-unwritable-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const files = [path.join(folder, "a.json"), path.join(folder, "b.json")] as const;
  writeFileSync(files[0], JSON.stringify(sampleResult({ verdict: "pass", findings: [] })));
  writeFileSync(files[1], JSON.stringify(sampleResult({ verdict: "fail" })));
  return [...files];
}

const QUICK = ["prove", "--warmup", "100ms", "--lag", "200ms", "--grace", "3s"];
const PLAIN = [
  ["--help"],
  ["--version"],
  ["explain", "inflight/cut"],
  ["explain", "--help"],
  ["prove", "--help"],
];

test("unwritable: a full stdout is one line on stderr and exit code 3", NEEDS_FULL, async (t) => {
  const [good, bad] = writeResults(t);
  const failing = [...QUICK, "--json", "--", ...commandOf("exits-at-once")];
  const comparing = [good, bad].map((file) => ["prove", "--compare", good, file]);
  for (const args of [...PLAIN, ...comparing, failing]) {
    assert.deepEqual(
      await runFull(args),
      { code: 3, stderr: "lastcall: stdout could not be written to: no space left on device\n" },
      args.join(" "),
    );
  }
});

test(
  "unwritable: a stdout that becomes full in the middle of a write is told too",
  NEEDS_FULL,
  async (t) => {
    const folder = mkdtempSync(path.join(tmpdir(), "lastcall-unwritable-"));
    t.after(() => rmSync(folder, { recursive: true }));
    // A file of one block takes the first part; the signal that comes with it would end the process.
    const survive = "data:text/javascript,process.on('SIGXFSZ',()=>{})";
    const file = path.join(folder, "help");
    const print = async (limit: string): Promise<Ended> => {
      const words = [process.execPath, "--import", survive, MAIN, "prove", "--help"];
      const script = `ulimit -f ${limit}; exec "$@" > "$0"`;
      const child = spawn("sh", ["-c", script, file, ...words], {
        stdio: ["ignore", "ignore", "pipe"],
      });
      const stderr = text(child.stderr);
      const [code] = (await once(child, "close")) as [number | null];
      return { code, stderr: await stderr };
    };
    assert.deepEqual(await print("1"), {
      code: 3,
      stderr: "lastcall: stdout could not be written to: file too large\n",
    });
    assert.deepEqual(await print("unlimited"), { code: 0, stderr: "" });
    assert.match(
      readFileSync(file, "utf8"),
      /^Usage: [^]*'kubectl rollout restart deploy\/api'\n$/,
    );
  },
);

test("unwritable: a reader that has left is no failure, and the exit code is the verdict's", async (t) => {
  const [good, bad] = writeResults(t);
  const quiet: [string[], number][] = [
    ...PLAIN.map((args): [string[], number] => [args, 0]),
    [["prove", "--compare", good, good], 0],
    [["prove", "--compare", good, bad], 1],
    [[...QUICK, "--json", "--", ...commandOf("exits-at-once")], 1],
  ];
  for (const [args, code] of quiet) {
    assert.deepEqual(await run(args, "pipe"), { code, stderr: "" }, args.join(" "));
  }
});

test("unwritable: a stderr that is full as well changes no exit code", NEEDS_FULL, async () => {
  const full = openSync(FULL, "w");
  const child = spawn(process.execPath, [MAIN, "no-such-command"], {
    stdio: ["ignore", "ignore", full],
  });
  closeSync(full);
  assert.deepEqual(await once(child, "close"), [2, null]);
});

test(
  "unwritable: a file on a full disk is named with its option, and is exit code 3",
  NEEDS_FULL,
  async (t) => {
    const folder = mkdtempSync(path.join(tmpdir(), "lastcall-unwritable-"));
    t.after(() => rmSync(folder, { recursive: true }));
    const options = ["ledger", "junit", "sarif", "html", "output"].map((name) => `--${name}`);
    const command = ["--", ...commandOf("exits-at-once")];
    const name = (option: string): string =>
      `\`${option}\` could not be written to \`${FULL}\`: no space left on device`;

    const all = await runCli([
      ...QUICK,
      ...options.flatMap((option) => [option, FULL]),
      ...command,
    ]);
    assert.equal(all.code, 3);
    assert.equal(all.stderr, `lastcall: ${options.map(name).join("; ")}\n`);
    // What could be written is written.
    assert.match(all.stdout, /^FAIL/m);

    const fine = path.join(folder, "ledger");
    const one = await runCli([...QUICK, "--ledger", fine, "--html", FULL, ...command]);
    assert.equal(one.code, 3);
    assert.equal(one.stderr, `lastcall: ${name("--html")}\n`);
    assert.match(readFileSync(fine, "utf8"), /^\{.*\}\n$/s);

    const control = await runCli([...QUICK, "--ledger", fine, ...command]);
    assert.deepEqual([control.code, control.stderr], [1, ""]);
  },
);
