// @ts-check
// Keeps what README.md and docs/ show true. A fenced block is written by this script when the line
// above its fence says where it comes from:
//
//   <!-- output: npm start -->                         what the command prints
//   <!-- output: npm start § With lastcall -->         that section of it, under its `━━` heading
//   <!-- output: cd some/folder && lastcall prove … § findings -->
//                                                      the command, and the findings of its verdict
//   <!-- output: cd some/folder && lastcall prove … § verdict -->
//                                                      the command, its criteria and its verdict
//   <!-- source: examples/shop/with.js -->             a file
//   <!-- diff: a.js b.js -->                           what has to change in a file
//
// what stands between `<!-- lint: k8s/recreate -->` and `<!-- end -->` comes from lint's catalogue, `--lint` means the
// pages of docs/lint/ and the cases of test/lint/rules/, whose outputs it writes too,
// and what stands between `<!-- catalogue: inflight/cut -->` and `<!-- end -->` comes from the
// catalogue of findings, between `<!-- options: lastcall -->` and `<!-- end -->` from the table of options.
//
// `npm run readme` writes the blocks. `node docs/regenerate.js --check` compares them, and exits
// with 1 when one is stale; measured numbers may differ, see `toShape`. `--findings` means the pages
// of docs/findings in place of the others, as their services take minutes; with `--no-runs` their
// outputs are left as they are. Further words keep the documents whose path contains one of them.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { renderFromCatalogue } from "./findings/render.js";
import { renderFromRules } from "./lint/render.js";
import { renderOptions } from "./options-table.js";
import { toShape } from "./shape.js";

const root = path.join(import.meta.dirname, "..");
const isBuilt = existsSync(path.join(root, "dist", "lint", "index.js"));
const { refreshOutputs } = isBuilt
  ? await import("./lint/examples.js")
  : { refreshOutputs: String };
/** @type {{ CATALOGUE: readonly import("#src/findings/catalogue.js").Described[] }} */
const { CATALOGUE } = isBuilt ? await import("../dist/lint/index.js") : { CATALOGUE: [] };
const BLOCK =
  /(?<head><!-- (?<kind>output|source|diff): (?<from>.+?) -->\n+(?<fence>`{3,})\w*\n)(?<text>(?:.*?\n)??)(?<tail>\k<fence>\n)/gs;

const PROVES = /(^|&& |; )(?:npx )?lastcall prove /;
const FINDING = /^(error|warning) [\w-]+\/[\w-]+: /m;
const CRITERION = /^[✓✗] /mu;
const REGION =
  /(?<head><!-- (?<table>catalogue|lint|options): (?<name>\S+) -->\n)(?<text>.*?)(?<tail><!-- end -->\n)/gs;

/** @type {Map<string, string>} */
const outputs = new Map();

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const isCheck = process.argv.includes("--check");
  const documents = chooseDocuments();
  const patterns = process.argv.slice(2).filter((word) => !word.startsWith("--"));
  const isMeant = (/** @type {string} */ file) =>
    patterns.length === 0 || patterns.some((pattern) => file.includes(pattern));
  const stale = documents
    .filter(isMeant)
    .filter((file) => (isCheck ? !isTrue(file) : rewrite(file)));
  for (const file of stale) console.log(isCheck ? `${file} is stale` : `${file} is rewritten`);
  if (isCheck && stale.length > 0) process.exitCode = 1;
}

function chooseDocuments() {
  if (process.argv.includes("--lint")) return listRules();
  return process.argv.includes("--findings") ? listFindings() : listDocuments();
}

/** The pages of lint's rules, and its cases that are no pages. */
export function listRules() {
  return ["docs/lint", "test/lint/rules"].flatMap((folder) => {
    const names = readdirSync(path.join(root, folder)).filter((name) => name.endsWith(".md"));
    return names.map((name) => `${folder}/${name}`);
  });
}

/** @param {string} file */
function isOfRules(file) {
  return file.startsWith("docs/lint/") || file.startsWith("test/lint/");
}

/** The pages of findings. */
export function listFindings() {
  const folder = "docs/findings";
  const names = readdirSync(path.join(root, folder)).filter((name) => name.endsWith(".md"));
  return names.map((name) => `${folder}/${name}`);
}

/** README.md and everything in docs/ itself. */
export function listDocuments() {
  const docs = readdirSync(path.join(root, "docs")).filter((name) => name.endsWith(".md"));
  return ["README.md", ...docs.map((name) => `docs/${name}`)];
}

/** @param {string} file */
function rewrite(file) {
  const before = readFileSync(path.join(root, file), "utf8");
  const after = before
    .replaceAll(REGION, (...match) => {
      const { head, table, name, tail } = match.at(-1);
      return `${head}${renderRegion(table, name)}${tail}`;
    })
    .replaceAll(BLOCK, (...match) => {
      const { head, kind, from, text, tail } = match.at(-1);
      if (kind === "output" && process.argv.includes("--no-runs")) return `${head}${text}${tail}`;
      return `${head}${produce(kind, from)}\n${tail}`;
    });
  const refreshed = isOfRules(file) ? refreshOutputs(after) : after;
  if (refreshed !== before) writeFileSync(path.join(root, file), refreshed);
  return refreshed !== before;
}

/** @param {string} file */
function isTrue(file) {
  let isSame = isFromTables(file);
  if (isOfRules(file)) {
    const text = readFileSync(path.join(root, file), "utf8");
    return isSame && refreshOutputs(text) === text;
  }
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
 * Whether what a page takes from the catalogue of findings or the table of options is what that says.
 *
 * @param {string} file
 */
export function isFromTables(file) {
  const text = readFileSync(path.join(root, file), "utf8");
  return [...text.matchAll(REGION)].every(
    ({ groups = {} }) =>
      groups["text"] === renderRegion(groups["table"] ?? "", groups["name"] ?? ""),
  );
}

/**
 * @param {string} table
 * @param {string} name
 */
function renderRegion(table, name) {
  if (table === "lint") return renderFromRules(CATALOGUE, name);
  return table === "options" ? renderOptions(name) : renderFromCatalogue(name);
}

/**
 * @param {string} kind
 * @param {string} from
 */
export function produce(kind, from) {
  if (kind === "diff") return compareFiles(from);
  if (kind === "source") return readFileSync(path.join(root, from), "utf8").trimEnd();
  const [command = "", ...sections] = from.split(" § ");
  const output = outputs.get(command) ?? run(command);
  outputs.set(command, output);
  if (sections.length === 0) return output;
  if (sections[0] === "findings") return readFrom(FINDING, command, output);
  if (sections[0] === "verdict") return readFrom(CRITERION, command, output);
  return sections.map((section) => readSection(output, section)).join("\n\n");
}

/**
 * The output from a line on, under the command as it is typed in the service's own folder.
 *
 * @param {RegExp} line
 * @param {string} command
 * @param {string} output
 */
function readFrom(line, command, output) {
  const from = output.search(line);
  if (from === -1) throw new Error(`\`${command}\` printed no ${String(line)}:\n${output}`);
  return `$ ${command.replace(/^cd \S+(?: &&|;) /, "")}\n\n${output.slice(from)}`;
}

/** @param {string} files two of them, before and after */
function compareFiles(files) {
  const { stdout } = spawnSync("diff", ["-U4", ...files.split(" ")], {
    cwd: root,
    encoding: "utf8",
  });
  const [, , ...lines] = stdout.trimEnd().split("\n");
  return lines.map((line) => (line.startsWith("@@") ? "@@" : line.trimEnd())).join("\n");
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
  // 1 is the verdict of a service that stops wrongly.
  const isVerdict = status === 1 && PROVES.test(command);
  if (status === 0 || isVerdict) return stdout.trimEnd();
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
  const cli = path.join(root, "dist", "cli", "main.js");
  return command
    .replace(PROVES, `$1node ${cli} prove `)
    .replace(/^(npx )?lastcall /, `node ${cli} `);
}
