// What shells do with their last command is measured here, and has to be what chains are followed by.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { followCommand } from "#src/lint/chain/follow.js";
import type { Surroundings } from "#src/lint/chain/link.js";
import { Source } from "#src/lint/source/source.js";

const SHELLS = [
  { shell: "dash", words: ["dash"] },
  { shell: "bash", words: ["bash"] },
  { shell: "busybox", words: ["busybox", "sh"] },
] as const;

// Cheaper than Node, and as much a program of its own.
const PRINT = `sh -c 'echo $$'`;
const SCRIPTS = [
  PRINT,
  `exec ${PRINT}`,
  `A=1 ${PRINT}`,
  `true; ${PRINT}`,
  `true && ${PRINT}`,
  `cd / && exec ${PRINT}`,
  `true && true; true && ${PRINT}`,
  `${PRINT} | cat`,
];

const spot = new Source("Dockerfile", "").spot(0);

/** Whether the model says that the shell is still there when the program runs; null: it does not say. */
function predict(shell: Surroundings["shell"], script: string): boolean | null {
  const words = ["/bin/sh", "-c", script].map((text) => ({ text, spot }));
  const surroundings = { shell, readScript: () => undefined, readFile: () => undefined };
  const { links } = followCommand({ words, isShell: false, spot }, surroundings);
  const [link] = links;
  assert.ok(link?.kind === "shell", script);
  return link.stays;
}

/** Whether it is: the program has the process that was started, or another one. */
function measure(words: readonly string[], args: readonly string[]): boolean {
  const [command = "", ...rest] = words;
  const { pid, stdout, stderr } = spawnSync(command, [...rest, ...args], { encoding: "utf8" });
  const own = Number(stdout.trim());
  assert.ok(own > 0, stderr);
  return own !== pid;
}

const isThere = (words: readonly string[]): boolean =>
  spawnSync(words[0] ?? "", [...words.slice(1), "-c", "true"]).status === 0;

for (const { shell, words } of SHELLS) {
  test(`${shell}: whether it stays before its last command`, (t) => {
    if (!isThere(words)) {
      t.skip(`${shell} is not installed`);
      return;
    }
    let [sure, stayed] = [0, 0];
    for (const script of SCRIPTS) {
      const predicted = predict(shell, script);
      const measured = measure(words, ["-c", script]);
      stayed += measured ? 1 : 0;
      // bash does with lists what its version does.
      if (predicted === null) continue;
      sure += 1;
      assert.equal(measured, predicted, script);
    }
    assert.ok(sure > 3);
    assert.ok(stayed > 0 && stayed < SCRIPTS.length, "it does both");
  });

  test(`${shell}: a script that is a file reads on, whatever its last command is`, (t) => {
    if (!isThere(words)) {
      t.skip(`${shell} is not installed`);
      return;
    }
    const folder = mkdtempSync(path.join(tmpdir(), "lastcall-sh-"));
    t.after(() => rmSync(folder, { recursive: true }));
    const write = (text: string): string[] => {
      const file = path.join(folder, "run.sh");
      writeFileSync(file, `#!/bin/sh\n${text}\n`);
      return [file];
    };
    assert.equal(measure(words, write(PRINT)), true);
    assert.equal(measure(words, write(`exec ${PRINT}`)), false);
  });
}
