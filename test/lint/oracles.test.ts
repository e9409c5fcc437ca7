// What the pages call good has to be what the programs themselves accept: their own verifiers are asked. A page whose
// bad example they refuse too would teach nothing but syntax.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { before, test, type TestContext } from "node:test";
import { read, root } from "../package/project.js";

interface Example {
  readonly section: "Bad" | "Good";
  readonly name: string;
  readonly files: ReadonlyMap<string, string>;
}

interface Verifier {
  readonly name: string;
  readonly isFor: (file: string) => boolean;
  /** The arguments, for a file in a folder. */
  readonly verify: (file: string, folder: string) => readonly [command: string, ...args: string[]];
  /** What the program says of a file that it does not accept, besides its exit code. */
  readonly refusal?: RegExp;
  readonly broken: readonly [file: string, text: string];
}

const VERIFIERS: readonly Verifier[] = [
  {
    name: "haproxy",
    isFor: (file) => file.endsWith("haproxy.cfg"),
    verify: (file) => ["haproxy", "-c", "-f", file],
    broken: ["haproxy.cfg", "backend shop\n  server one 10.0.0.1:80 chekc\n"],
  },
  {
    name: "nginx",
    isFor: (file) => file.endsWith("nginx.conf"),
    // The user's own folder for the log and the process number: the usual ones are root's.
    verify: (file, folder) => [
      "nginx",
      "-t",
      "-p",
      folder,
      "-c",
      file,
      "-e",
      path.join(folder, "error.log"),
      "-g",
      `pid ${path.join(folder, "pid")};`,
    ],
    broken: ["nginx.conf", "events {}\nhttp { server { listen 8080 }\n"],
  },
  {
    name: "systemd-analyze",
    isFor: (file) => file.endsWith(".service"),
    verify: (file) => ["systemd-analyze", "verify", "--man=no", file],
    refusal: /shop\.service:\d+|nginx\.service:\d+/,
    broken: ["shop.service", "[Service]\nExecStart=/bin/true\nTimeoutStopSec=30sek\n"],
  },
];

let readExamples: (page: string) => Example[];
before(async () => {
  const url = pathToFileURL(path.join(root, "docs", "lint", "examples.js")).href;
  ({ readExamples } = (await import(url)) as { readExamples: typeof readExamples });
});

function isInstalled(command: string): boolean {
  return spawnSync(command, ["--version"]).error === undefined;
}

/** Whether the program accepts a file as it stands. Programs that the units start are not on this machine. */
function accepts(
  t: TestContext,
  verifier: Verifier,
  files: ReadonlyMap<string, string>,
  file: string,
): string | undefined {
  const folder = mkdtempSync(path.join(tmpdir(), "lastcall-lint-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of files) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), localize(text));
  }
  const [command, ...args] = verifier.verify(path.join(folder, file), folder);
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8" });
  const said = `${stdout}${stderr}`;
  const isRefused = verifier.refusal === undefined ? status !== 0 : verifier.refusal.test(said);
  return isRefused ? said : undefined;
}

/** Programs and host names of the examples are looked for: any that is there does. */
function localize(text: string): string {
  return text
    .replaceAll(/^(Exec\w+=)\/\S+/gm, `$1${process.execPath}`)
    .replaceAll("server shop:3000", "server 127.0.0.1:3000");
}

for (const verifier of VERIFIERS) {
  const skip = isInstalled(verifier.name) ? false : `${verifier.name} is not installed`;

  test(`${verifier.name} accepts every good example`, { skip }, (t) => {
    let count = 0;
    for (const page of readdirSync(path.join(root, "docs", "lint")).filter((name) =>
      name.endsWith(".md"),
    )) {
      for (const { section, name, files } of readExamples(read(`docs/lint/${page}`))) {
        const own = section === "Good" ? [...files.keys()].filter(verifier.isFor) : [];
        for (const file of own) {
          assert.equal(accepts(t, verifier, files, file), undefined, `${page}, ${name}: ${file}`);
          count += 1;
        }
      }
    }
    assert.ok(count > 3, `${count} examples`);
  });

  test(`${verifier.name} refuses what it does not understand`, { skip }, (t) => {
    const [file, text] = verifier.broken;
    assert.notEqual(accepts(t, verifier, new Map([[file, text]]), file), undefined);
  });
}

test("systemd-analyze refuses the bad examples of systemd/value-ignored, as the page says", (t) => {
  const verifier = VERIFIERS.find(({ name }) => name === "systemd-analyze");
  if (verifier === undefined || !isInstalled(verifier.name)) {
    t.skip("systemd-analyze is not installed");
    return;
  }
  const bad = readExamples(read("docs/lint/systemd-value-ignored.md")).filter(
    ({ section }) => section === "Bad",
  );
  assert.equal(bad.length, 3);
  for (const { name, files } of bad) {
    assert.notEqual(accepts(t, verifier, files, "shop.service"), undefined, name);
  }
});
