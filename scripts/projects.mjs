// Compiles and runs small projects as users have them, with the package as npm would install it: `node scripts/projects.mjs
// [name…]` keeps those whose name contains one of the words. Where a project does not say itself what has to fail in it, it is
// run once more with one thing broken, and has to fail.
//
// The packages are pinned in test/projects/package.json, and installed once into a folder outside of the repository: Jest
// finds no tests below a `node_modules`, and Next.js takes the highest lock file for the root of its project.
import { execFile, execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { PROJECTS, TOOLS } from "../test/projects/projects.mjs";
import { install } from "./installed.mjs";

const root = path.join(import.meta.dirname, "..");
const projects = path.join(root, "test", "projects");
const patterns = process.argv.slice(2);
const CONCURRENCY = 2;
/** A project is given this long for each of its commands, in ms. */
const PATIENCE = 120_000;

const folder = await install("lastcall-projects", path.join(projects, "package.json"), tmpdir());
const work = path.join(folder, `work-${process.pid}`);
process.on("exit", () => fs.rmSync(work, { recursive: true, force: true }));

/** Unpacks what `npm publish` would send. It has to lie beside the projects: a link would lead a bundler to the sources. */
function unpack() {
  const modules = path.join(work, "node_modules");
  const target = path.join(modules, "lastcall");
  fs.mkdirSync(target, { recursive: true });
  const { dependencies } = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8"));
  for (const name of Object.keys(dependencies)) {
    fs.cpSync(path.join(root, "node_modules", name), path.join(modules, name), { recursive: true });
  }
  const args = ["pack", "--silent", "--ignore-scripts", "--pack-destination", work];
  const name = execFileSync("npm", args, { cwd: root, encoding: "utf8" }).trim();
  execFileSync("tar", ["-xzf", path.join(work, name), "--strip-components=1", "-C", target]);
}

/** A folder with the project's files. */
function prepare(project, isBroken) {
  const own = path.join(work, `${PROJECTS.indexOf(project)}${isBroken ? "-broken" : ""}`);
  fs.cpSync(path.join(projects, project.from), own, { recursive: true });
  for (const [name, target] of Object.entries(project.rename ?? {})) {
    fs.renameSync(path.join(own, name), path.join(own, target));
  }
  for (const [name, text] of Object.entries(project.files)) {
    fs.writeFileSync(path.join(own, name), text);
  }
  if (isBroken) {
    for (const [name, change] of Object.entries(project.broken ?? {})) {
      const file = path.join(own, name);
      const text = fs.readFileSync(file, "utf8");
      if (change(text) === text) throw new Error(`${project.name}: nothing to break in ${name}`);
      fs.writeFileSync(file, change(text));
    }
  }
  return own;
}

/** Runs its commands one after the other; resolves to what is wrong, or to undefined. */
async function run(project, isBroken) {
  const cwd = prepare(project, isBroken);
  let printed = "";
  for (const [file, ...args] of project.commands) {
    const command = file.startsWith("node_modules/") ? path.join(folder, file) : file;
    const { code, output } = await exec(command, args, cwd);
    if (code !== 0) return `${path.basename(file)} ended with ${code}\n${output}`;
    printed = output;
  }
  return project.prints.test(printed) ? undefined : `it printed\n${printed}`;
}

const AUTO = "--import lastcall/auto";
/** The control of a preload that does nothing: one that says a word. */
const SPEAKS = "--import data:text/javascript,console.error(1)";

/** Runs a tool with one preload and another; resolves to what is wrong, or to undefined. */
async function runTool(own, { files, file, right, wrong, command: [command, ...args] }) {
  const cwd = path.join(work, own);
  fs.mkdirSync(cwd);
  for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(cwd, name), text);
  const runWith = async (text, preload) => {
    fs.writeFileSync(path.join(cwd, file), text);
    const { code, output } = await exec(path.join(folder, command), args, cwd, preload);
    // Times differ, and Jest guesses them from the run before.
    const timeless = output.replaceAll(/[\d.]+ ?m?s\b|\d+:\d+:\d+/g, "…");
    return `${code}\n${timeless.replaceAll(", estimated …", "")}`;
  };
  for (const [text, code] of [
    [right, 0],
    [wrong, 1],
  ]) {
    const bare = await runWith(text, "");
    if (!bare.startsWith(`${code}\n`)) return `without lastcall/auto it ended so:\n${bare}`;
    const preloaded = await runWith(text, AUTO);
    if (preloaded !== bare) return `with lastcall/auto:\n${preloaded}\nwithout:\n${bare}`;
    if ((await runWith(text, SPEAKS)) === bare) return "it shows nothing of a preload";
  }
  return undefined;
}

function exec(command, args, cwd, preload = "") {
  const env = { ...process.env, CI: "1", NO_COLOR: "1", NEXT_TELEMETRY_DISABLED: "1" };
  env.NODE_OPTIONS = preload;
  return new Promise((resolve) => {
    execFile(command, args, { cwd, env, timeout: PATIENCE }, (error, stdout, stderr) => {
      const code = error === null ? 0 : (error.code ?? error.signal);
      resolve({ code, output: `${stdout}${stderr}` });
    });
  });
}

unpack();
const begun = performance.now();
const isWanted = ({ name }) =>
  patterns.length === 0 || patterns.some((pattern) => name.includes(pattern));
const wanted = PROJECTS.filter(isWanted);
const tools = TOOLS.filter(isWanted);
const waiting = [...wanted];
let failed = 0;
const workers = Array.from({ length: CONCURRENCY }, async () => {
  for (let project = waiting.shift(); project !== undefined; project = waiting.shift()) {
    const fault = await run(project, false);
    const isBlind = project.broken !== undefined && (await run(project, true)) === undefined;
    if (fault !== undefined || isBlind) failed += 1;
    const what = fault ?? (isBlind ? "passes with a thing broken" : "as it has to be");
    console.log(`${fault === undefined && !isBlind ? "✔" : "✖"} ${project.name}: ${what}`);
  }
});
await Promise.all(workers);
for (const tool of tools) {
  const fault = await runTool(`tool-${tool.name}`, tool);
  if (fault !== undefined) failed += 1;
  const mark = fault === undefined ? "✔" : "✖";
  console.log(`${mark} ${tool.name} with lastcall/auto: ${fault ?? "the same"}`);
}
const count = wanted.length + tools.length;
const seconds = ((performance.now() - begun) / 1_000).toFixed(0);
console.log(`projects: ${count - failed} of ${count} as they have to be, ${seconds} s`);
process.exitCode = failed > 0 || count === 0 ? 1 : 0;
