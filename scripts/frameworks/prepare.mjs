import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

import { install } from "../installed.mjs";

const run = promisify(execFile);
const programs = path.join(import.meta.dirname, "..", "..", "test", "programs", "auto");
/** Outside of the repository: what stands below a `node_modules` no framework compiles. */
const CACHE = process.env.CACHE ?? tmpdir();
/** Where the headers of this Node are, for packages that are compiled. */
const nodedir = path.join(path.dirname(process.execPath), "..");

/** Installs a framework, copies its program beside it and builds it, each once; resolves to the folder. */
export async function prepare({ from = "services", native = [], build = [], env: own = {} }) {
  const sources = path.join(programs, from);
  const manifest = path.join(sources, "package.json");
  const folder = await install(`lastcall-framework-${from}`, manifest, CACHE);
  const env = { ...process.env, npm_config_nodedir: nodedir, CI: "1", ...own };
  await once(folder, ".compiled", native.join(), async () => {
    for (const name of native) {
      await run("npm", ["rebuild", name, "--build-from-source"], { cwd: folder, env });
    }
  });
  await once(folder, ".built", stateOf(sources), async () => {
    fs.cpSync(sources, folder, { recursive: true });
    for (const [command, ...args] of build) {
      await run(command, args, { cwd: folder, env, maxBuffer: 1e8 });
    }
  });
  return folder;
}

/** Does a step that has not been done for this state. */
async function once(folder, step, state, act) {
  const stamp = path.join(folder, step);
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, "utf8") === state) return;
  await act();
  fs.writeFileSync(stamp, state);
}

/** Changes with every change of a source. */
function stateOf(folder) {
  const hash = createHash("sha256");
  const entries = fs.readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  for (const file of files.map(({ parentPath, name }) => path.join(parentPath, name)).sort()) {
    hash.update(`${path.relative(folder, file)}\0`).update(fs.readFileSync(file));
  }
  return hash.digest("hex");
}
