// @ts-check
// Keeps what README.md and docs/ show true. A fenced block is written by this script when the line
// above its fence says where it comes from:
//
//   <!-- output: npm start -->                         what the command prints
//   <!-- output: npm start § With lastcall -->         that section of it, under its `━━` heading
//   <!-- source: examples/shop/with.js -->             a file
//
// `npm run readme` writes the blocks. `node docs/regenerate.js --check` compares them, and exits
// with 1 when one is stale; measured numbers may differ, see `toShape`.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { toShape } from "./shape.js";

const root = path.join(import.meta.dirname, "..");
const BLOCK =
  /(?<head><!-- (?<kind>output|source): (?<from>.+?) -->\n+(?<fence>`{3,})\w*\n)(?<text>(?:.*?\n)??)(?<tail>\k<fence>\n)/gs;

/** @type {Map<string, string>} */
const outputs = new Map();

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const isCheck = process.argv.includes("--check");
  const stale = listDocuments().filter((file) => (isCheck ? !isTrue(file) : rewrite(file)));
  for (const file of stale) console.log(isCheck ? `${file} is stale` : `${file} is rewritten`);
  if (isCheck && stale.length > 0) process.exitCode = 1;
}

/** README.md and everything in docs/. */
export function listDocuments() {
  const docs = readdirSync(path.join(root, "docs")).filter((name) => name.endsWith(".md"));
  return ["README.md", ...docs.map((name) => `docs/${name}`)];
}

/** @param {string} file */
function rewrite(file) {
  const before = readFileSync(path.join(root, file), "utf8");
  const after = before.replaceAll(BLOCK, (...match) => {
    const { head, kind, from, tail } = match.at(-1);
    return `${head}${produce(kind, from)}\n${tail}`;
  });
  if (after !== before) writeFileSync(path.join(root, file), after);
  return after !== before;
}

/** @param {string} file */
function isTrue(file) {
  let isSame = true;
  for (const { groups = {} } of readFileSync(path.join(root, file), "utf8").matchAll(BLOCK)) {
    const { kind = "", from = "", text = "" } = groups;
    const isOutput = kind === "output";
    const [shown, now] = [text, `${produce(kind, from)}\n`].map((each) =>
      isOutput ? toShape(each) : each,
    );
    if (shown === now) continue;
    isSame = false;
    console.log(`${file}: ${kind}: ${from}\n── shown ──\n${shown}\n── now ──\n${now}\n`);
  }
  return isSame;
}

/**
 * @param {string} kind
 * @param {string} from
 */
function produce(kind, from) {
  if (kind === "source") return readFileSync(path.join(root, from), "utf8").trimEnd();
  const [command = "", ...sections] = from.split(" § ");
  const output = outputs.get(command) ?? run(command);
  outputs.set(command, output);
  if (sections.length === 0) return output;
  return sections.map((section) => readSection(output, section)).join("\n\n");
}

/**
 * @param {string} output
 * @param {string} heading
 */
function readSection(output, heading) {
  const sections = output.split(/^(?=━━ )/m);
  const found = sections.find((section) => section.startsWith(`━━ ${heading} ━`));
  if (found === undefined) throw new Error(`the output has no section \`${heading}\``);
  return found.slice(found.indexOf("\n")).replace(/^\n+/, "").trimEnd();
}

/** @param {string} command */
function run(command) {
  const { status, stdout, stderr } = spawnSync(translate(command), {
    cwd: root,
    encoding: "utf8",
    env: {
      ...process.env,
      NO_COLOR: "1",
      GITHUB_ACTIONS: "",
      GITHUB_STEP_SUMMARY: "",
      PATH: `${path.dirname(process.execPath)}:${process.env["PATH"]}`,
    },
    shell: true,
  });
  if (status === 0) return stdout.trimEnd();
  throw new Error(`\`${command}\` exited with ${String(status)}\n${stdout}\n${stderr}`);
}

/**
 * What a reader types, run against this working copy. It is built already: building again while
 * tests run would pull the compiled files from under them.
 *
 * @param {string} command
 */
function translate(command) {
  if (command === "npm start") {
    const { scripts } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
    return scripts.start.replace(/^npm run build && /, "");
  }
  return command.replace(/^(npx )?lastcall /, "node dist/cli/main.js ");
}
