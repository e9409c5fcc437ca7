// Runs the suites that need real servers. Installs nothing: fails where a server is missing, and
// says which Debian package has it. `node scripts/services.mjs [pattern…]`.
import { spawnSync } from "node:child_process";
import path from "node:path";

import { missingPackages } from "../build/test/services/servers/programs.js";

const missing = missingPackages();
if (missing.length > 0) {
  console.error(`Missing: apt-get install --no-install-recommends ${missing.join(" ")}`);
  process.exit(1);
}
const patterns = process.argv.slice(2).map((pattern) => path.join("services", pattern));
const { status } = spawnSync(
  process.execPath,
  [
    path.join(import.meta.dirname, "test.mjs"),
    ...(patterns.length === 0 ? ["services/"] : patterns),
  ],
  { stdio: "inherit" },
);
process.exitCode = status ?? 1;
