// How a service is started: with this Node, with a Python that has what it needs, or built by Go.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";

const built = path.join(import.meta.dirname, "..", "..", "build", "museum");
const PYTHONS = ["python3", "/usr/bin/python3"];

/** `{ command }`, or `{ missing }`: why it cannot run here. */
export function findCommand(service) {
  if (service.command !== undefined) return { command: service.command.map(thisNode) };
  const { file } = service;
  if (file.endsWith(".js")) return { command: [process.execPath, file] };
  if (file.endsWith(".sh")) return { command: ["sh", file] };
  if (file.endsWith(".py")) return findPython(service);
  if (file.endsWith(".go")) return buildGo(service);
  throw new Error(`${service.name}: nobody knows how to start it; give it a "command"`);
}

/** For `npm` and `sh`, which look for `node` themselves. */
export function environment() {
  const paths = [path.dirname(process.execPath), process.env.PATH];
  return { ...process.env, PATH: paths.join(path.delimiter) };
}

function thisNode(word) {
  return word === "node" ? process.execPath : word;
}

function findPython({ file, needs }) {
  const test = ["import sys", ...needs.map((name) => `import ${name}`)].join("; ");
  const python = PYTHONS.find((name) => runs(name, ["-c", test]));
  if (python !== undefined) return { command: [python, file] };
  const what = needs.length === 0 ? "python3" : `a python3 with ${needs.join(", ")}`;
  return { missing: `there is no ${what}` };
}

let goVersion;

function buildGo({ name, folder, file }) {
  goVersion ??= spawnSync("go", ["version"], { encoding: "utf8" }).stdout ?? "";
  if (goVersion === "") return { missing: "there is no go" };
  const source = readFileSync(path.join(folder, file));
  const hash = createHash("sha256").update(goVersion).update(source).digest("hex").slice(0, 16);
  const binary = path.join(built, hash, file.replace(/\.go$/, ""));
  if (!existsSync(binary)) {
    mkdirSync(path.dirname(binary), { recursive: true });
    const { status, stderr } = spawnSync("go", ["build", "-o", binary, file], {
      cwd: folder,
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`${name} does not compile:\n${stderr}`);
  }
  return { command: [binary] };
}

function runs(command, words) {
  return spawnSync(command, words, { stdio: "ignore" }).status === 0;
}
