// Runs Node's own tests of http, https and http2 with every server attached to a service, and without, and prints where that makes a
// difference: `node scripts/node-tests.mjs [--source FOLDER] [name…]` keeps those whose name contains one of the words.
//
// FOLDER has Node's source, of about the version that runs them. Without it the source package of Debian's `nodejs` is fetched into a
// folder of the cache, once (`apt-get source`, which needs a `deb-src` line). The tests are Node's, and are not part of this repository.
import { execFile } from "node:child_process";
import * as fs from "node:fs";
import path from "node:path";
import { parseArgs, promisify } from "node:util";

const run = promisify(execFile);
const root = path.join(import.meta.dirname, "..");
const preload = path.join(import.meta.dirname, "node-tests", "attach-all.cjs");
const { values, positionals: words } = parseArgs({
  allowPositionals: true,
  options: { source: { type: "string" } },
});

/** The longest of them take ten seconds on a calm machine. */
const PATIENCE = 60_000;
const CONCURRENCY = 2;
const WANTED = /^test-(?:http|https|http2)-.*\.m?js$/;

/** Fetches the source once; resolves to the folder that has `test/` in it. */
async function fetchSource() {
  const folder = path.join(root, "node_modules", ".cache", "lastcall", "node-source");
  const done = path.join(folder, "done");
  if (fs.existsSync(done)) return folder;
  fs.mkdirSync(folder, { recursive: true });
  await run("apt-get", ["-qq", "--download-only", "source", "nodejs"], { cwd: folder });
  const archive = fs.readdirSync(folder).find((name) => /\.orig\.tar\.\w+$/.test(name));
  if (archive === undefined) throw new Error(`apt-get left no archive in ${folder}`);
  const parts = ["*/test/common/*", "*/test/fixtures/*", "*/test/parallel/test-http*"];
  await run("tar", ["-xf", archive, "--strip-components=1", "--wildcards", ...parts], {
    cwd: folder,
  });
  fs.writeFileSync(done, "");
  return folder;
}

/** The options that a test asks for in its first lines. */
function flagsOf(file) {
  const [, flags = ""] = /^\/\/ Flags:(.*)$/m.exec(fs.readFileSync(file, "utf8")) ?? [];
  return flags.split(/\s+/).filter(Boolean);
}

/** Runs one test; resolves to why it failed, or to nothing. */
async function failure(file, isAttached) {
  const args = [...flagsOf(file), ...(isAttached ? ["--require", preload] : []), file];
  try {
    await run(process.execPath, args, { cwd: path.dirname(file), timeout: PATIENCE });
    return undefined;
  } catch (error) {
    const line = /^\w*Error.*$/m.exec(error.stderr)?.[0];
    return line ?? (error.killed ? "does not end" : `exit ${error.code ?? error.signal}`);
  }
}

/** Again, where it failed beside others: what fails for want of time says nothing. */
async function failureInTwo(file, isAttached) {
  return (await failure(file, isAttached)) && (await failure(file, isAttached));
}

const folder = path.join(values.source ?? (await fetchSource()), "test", "parallel");
const files = fs
  .readdirSync(folder)
  .filter((name) => WANTED.test(name))
  .filter((name) => words.length === 0 || words.some((word) => name.includes(word)));
if (files.length === 0) throw new Error(`no such test in ${folder}`);

const figures = { both: 0, bare: 0, attached: [] };
const queue = [...files];
await Promise.all(
  Array.from({ length: CONCURRENCY }, async () => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      const file = path.join(folder, name);
      const attached = await failureInTwo(file, true);
      // One that passes attached need not be run without: what it is about holds.
      if (attached === undefined) {
        figures.both++;
        continue;
      }
      if ((await failureInTwo(file, false)) !== undefined) figures.bare++;
      else {
        figures.attached.push(name);
        console.log(`${name}: ${attached}`);
      }
    }
  }),
);
console.log(
  `node-tests: ${files.length} on Node ${process.version}: ${figures.both} pass attached, ` +
    `${figures.bare} fail without lastcall too, ${figures.attached.length} fail attached alone`,
);
// Where none passes at all, the tests are not whole.
process.exit(figures.attached.length > 0 || figures.both === 0 ? 1 : 0);
