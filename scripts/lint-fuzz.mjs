// Many inputs for each parser of `lastcall lint`; `npm test` gives them a thousand. After `npm test -- lint/fuzz`, which
// builds: `node scripts/lint-fuzz.mjs [runs]`
import { spawnSync } from "node:child_process";
import path from "node:path";

const runs = process.argv[2] ?? "100000";
const file = path.join(import.meta.dirname, "../build/test/lint/fuzz/fuzz.test.js");
const { status } = spawnSync(process.execPath, ["--test", "--test-reporter=spec", file], {
  stdio: "inherit",
  env: { ...process.env, LINT_FUZZ_RUNS: runs },
});
process.exitCode = status ?? 1;
