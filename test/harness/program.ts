import { spawn, type ChildProcess } from "node:child_process";
import path from "node:path";
import type { TestContext } from "node:test";

import type { DrainReport } from "lastcall";

import { withResolvers } from "./wire.js";

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

const LONGEST_WAIT = 60_000;

/** A fixture program in a process of its own, with every line it has written. */
export class Program {
  readonly child: ChildProcess;
  stdout = "";
  stderr = "";
  readonly exit: Promise<Exit>;
  readonly #waiting = new Set<() => void>();
  #isClosed = false;

  constructor(child: ChildProcess) {
    this.child = child;
    child.stdout?.setEncoding("utf8").on("data", (text: string) => this.#hear("stdout", text));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => this.#hear("stderr", text));
    // `close` and not `exit`: only then everything it wrote has been read.
    this.exit = new Promise((resolve) => {
      child.on("close", (code, signal) => {
        this.#isClosed = true;
        resolve({ code, signal });
        this.#wake();
      });
    });
  }

  #hear(stream: "stdout" | "stderr", text: string): void {
    this[stream] += text;
    this.#wake();
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  /** Resolves to the first match in what the program has written to stdout. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    const { promise, resolve, reject } = withResolvers<RegExpExecArray>();
    const look = (): void => {
      const match = pattern.exec(this.stdout);
      if (match !== null) resolve(match);
      else if (this.#isClosed) fail("it ended");
    };
    const fail = (why: string): void =>
      reject(
        new Error(
          `${why} without saying ${String(pattern)}; stdout: ${this.stdout}; stderr: ${this.stderr}`,
        ),
      );
    const timer = setTimeout(() => fail("it went on"), LONGEST_WAIT);
    this.#waiting.add(look);
    look();
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(look);
    }
  }

  /** The port it says it listens on: the fixture prints `listening <port>`. */
  async port(): Promise<number> {
    return Number((await this.says(/listening (\d+)/))[1]);
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** The drain's report, from the line on stderr. */
  get report(): DrainReport {
    const line = this.stderr.split("\n").find((each) => each.startsWith('{"lastcall":"drain"'));
    if (line === undefined) throw new Error(`no report on stderr: ${this.stderr}`);
    return JSON.parse(line) as DrainReport;
  }
}

/** Follows a program that a test has started; killed when the test is over. */
export function follow(t: TestContext, child: ChildProcess): Program {
  const program = new Program(child);
  t.after(async () => {
    child.kill("SIGKILL");
    await program.exit;
  });
  return program;
}

/** Starts `test/fixtures/<name>.js` with the Node that runs the tests; killed when the test is over. */
export function start(t: TestContext, name: string, args: readonly string[] = []): Program {
  const file = path.join(import.meta.dirname, "..", "fixtures", `${name}.js`);
  return follow(t, spawn(process.execPath, [file, ...args], { stdio: ["ignore", "pipe", "pipe"] }));
}
