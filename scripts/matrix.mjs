// Runs the compiled tests on the other supported Node versions, each a real binary from the npm
// package `node`. `node scripts/matrix.mjs [major…] [pattern…]`: `22 26 server/` runs the files
// whose path contains `server/` on Node 22 and 26.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

const versions = ["22.23.3", "24.21.0", "26.10.0"];

const root = path.join(import.meta.dirname, "..");
const args = process.argv.slice(2);
const majors = args.filter((arg) => /^\d+$/.test(arg));
// Without a pattern what `npm test` runs, `--all` the long suites as well: three versions side by side take them twenty minutes.
const patterns = args.filter((arg) => !majors.includes(arg));
const isWindows = process.platform === "win32";

/** The binary's path; installed on first use. */
function install(version) {
  const folder = path.join(root, "node_modules", ".cache", "lastcall", `node-${version}`);
  const bin = path.join(folder, "node_modules", "node", "bin", isWindows ? "node.exe" : "node");
  if (!existsSync(bin)) {
    mkdirSync(folder, { recursive: true });
    // The package brings its binary in an install script, which npm wants allowed by name.
    const manifest = { private: true, allowScripts: { node: true } };
    writeFileSync(path.join(folder, "package.json"), JSON.stringify(manifest));
    execFileSync(
      "npm",
      [
        "install",
        "--prefix",
        folder,
        "--no-audit",
        "--no-fund",
        "--no-package-lock",
        `node@${version}`,
      ],
      {
        stdio: ["ignore", "inherit", "inherit"],
        shell: isWindows,
      },
    );
  }
  const actual = execFileSync(bin, ["--version"], { encoding: "utf8" }).trim();
  if (actual !== `v${version}`) throw new Error(`${bin} is ${actual}, expected v${version}`);
  return bin;
}

const selected = versions.filter(
  (version) => majors.length === 0 || majors.includes(version.split(".")[0]),
);
if (selected.length === 0) throw new Error(`expected majors out of ${versions.join(", ")}`);

// All at once: a test mostly waits, and one that another's load makes fail is wrong anyway. The
// output of each is kept until it is done, so that they do not mix; what failed is told last.
const bins = selected.map((version) => [version, install(version)]);
const results = await Promise.all(bins.map(([version, bin]) => test(version, bin)));
const failures = results.filter(({ code }) => code !== 0);
for (const failure of failures) show(failure);
const failed = failures.map(({ version }) => version);

async function test(version, bin) {
  // On PATH too: a test that starts `node server.js` means the Node under test.
  const PATH = `${path.dirname(bin)}${path.delimiter}${process.env.PATH}`;
  const child = spawn(bin, [path.join(root, "scripts", "test.mjs"), ...patterns], {
    cwd: root,
    env: { ...process.env, PATH, TEST_CONCURRENCY: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = [];
  child.stdout.on("data", (chunk) => output.push(chunk));
  child.stderr.on("data", (chunk) => output.push(chunk));
  const [code] = await once(child, "close");
  const result = { version, code, output: Buffer.concat(output).toString() };
  if (code === 0) show(result);
  return result;
}

function show({ version, output }) {
  console.log(`\n── Node ${version} ──\n${output}`);
}

console.log(
  failed.length === 0
    ? `\nmatrix: passed on Node ${selected.join(", ")}`
    : `\nmatrix: FAILED on Node ${failed.join(", ")}`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
