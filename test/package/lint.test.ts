import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, test } from "node:test";
import { root, temporaryFolder } from "./project.js";

const imports = "eslint(no-restricted-imports)";
const globals = "eslint(no-restricted-globals)";
const properties = "eslint(no-restricted-properties)";
const reach = (specifier: string): string => `export * from "${specifier}";`;

/** File, its text, and the rule that must fire; none: the file must pass. */
type Case = readonly [file: string, text: string, rule?: string];

const rules: Readonly<Record<string, readonly Case[]>> = {
  "a promise is awaited or its failure handled": [
    ["src/server/floating.ts", "(async () => {})();", "typescript(no-floating-promises)"],
    ["src/server/misused.ts", "[1].forEach(async () => {});", "typescript(no-misused-promises)"],
    ["src/server/thenable.ts", "await 1;", "typescript(await-thenable)"],
    ["test/node-test.test.ts", `import { test } from "node:test"; test("x", async () => {});`],
  ],
  "the library imports neither what is built on it nor any package": [
    ...[
      "adapters",
      "clients",
      "discovery",
      "supervisor",
      "prove",
      "lint",
      "findings",
      "cli",
    ].flatMap((folder): Case[] => [
      [`src/to-${folder}.ts`, reach(`./${folder}/x.js`), imports],
      [`src/request/to-${folder}.ts`, reach(`../${folder}/x.js`), imports],
    ]),
    ["src/work/deep/to-cli.ts", reach("../../cli/x.js"), imports],
    ["src/server/type-only.ts", `export type { X } from "../prove/x.js";`, imports],
    ["src/server/dynamic.ts", `await import("../prove/x.js");`, imports],
    ["src/server/package.ts", reach("express"), imports],
    ["src/server/scoped.ts", reach("@types/node"), imports],
    ["src/server/alias.ts", reach("#src/prove/x.js"), imports],
    ["src/server/bare-builtin.ts", reach("http"), imports],
    ["src/options/to-cli.ts", reach("../cli/x.js"), imports],
    ["src/server/inward.ts", reach("../budget.js") + reach("node:net") + reach("./b.js")],
  ],
  "what is built on the library imports it, but neither prove nor lint nor findings nor cli": [
    ...["adapters", "clients", "discovery", "supervisor"].flatMap((folder): Case[] => [
      [`src/${folder}/up.ts`, reach("../prove/x.js"), imports],
      [`src/${folder}/to-findings.ts`, reach("../findings/x.js"), imports],
      [`src/${folder}/library.ts`, reach("../budget.js")],
    ]),
    ["src/cli/all.ts", reach("../prove/x.js") + reach("../lint/x.js") + reach("../index.js")],
  ],
  "only clock.ts touches timers": [
    ...["setTimeout", "setInterval", "setImmediate"].flatMap((timer): Case[] => [
      [`src/${timer}.ts`, `${timer}(() => {});`, globals],
      [`src/work/${timer}.ts`, `globalThis.${timer}(() => {});`, globals],
    ]),
    ["src/server/timers.ts", reach("node:timers/promises"), imports],
    ["src/server/abort-timeout.ts", "export const s = AbortSignal.timeout(1);", properties],
    ["src/clock.ts", "setTimeout(() => {}); setImmediate(() => {});"],
    ["src/prove/timer.ts", "setTimeout(() => {});"],
  ],
  "only process/ and cli/ touch process.on and process.exit": [
    ...["on", "once", "addListener", "prependListener"].map((name): Case => [
      `src/server/${name}.ts`,
      `process.${name}("exit", () => {});`,
      properties,
    ]),
    ["src/exit.ts", "process.exit(1);", properties],
    ["src/destructured.ts", "const { exit } = process; exit(1);", properties],
    ["src/named.ts", `import { exit } from "node:process"; exit(1);`, imports],
    ["src/prove/exit.ts", "process.exit(1);", properties],
    ["src/adapters/on.ts", `process.on("SIGTERM", () => {});`, properties],
    ["src/process/signals/signals.ts", `process.once("SIGTERM", () => process.exit(1));`],
    ["src/cli/exit.ts", "process.exit(1);"],
    ["src/prove/load/main.ts", `process.on("message", () => process.exit());`],
    ["src/prove/inspect/preload/preload.ts", `process.on("exit", () => {});`],
    ["src/prove/inspect/preload/record.ts", `process.on("exit", () => {});`, properties],
  ],
};

interface Diagnostic {
  readonly code: string;
  readonly filename: string;
}

/** Lints all cases in one run, in a copy that has nothing but the configuration. */
function lint(folder: string): Map<string, string[]> {
  for (const file of [".oxlintrc.json", "package.json", "tsconfig.json", "tsconfig.base.json"]) {
    cpSync(path.join(root, file), path.join(folder, file));
  }
  symlinkSync(path.join(root, "node_modules"), path.join(folder, "node_modules"), "junction");
  for (const [file, text] of Object.values(rules).flat()) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), `${text}\n`);
  }
  const oxlint = path.join(root, "node_modules", "oxlint", "bin", "oxlint");
  const args = [oxlint, "--type-aware", "--format=json", "src", "test"];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: folder,
    encoding: "utf8",
  });
  assert.equal(status, 1, stderr);
  const found = new Map<string, string[]>();
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: Diagnostic[] };
  for (const { code, filename } of diagnostics) {
    const file = filename.replaceAll("\\", "/");
    found.set(file, [...(found.get(file) ?? []), code]);
  }
  return found;
}

const found = lint(temporaryFolder({ after }));

for (const [name, cases] of Object.entries(rules)) {
  test(`${name}: the rule fires there, and only there`, () => {
    for (const [file, text, rule] of cases) {
      const codes = found.get(file) ?? [];
      if (rule === undefined) assert.deepEqual(codes, [], `${file}: ${text}`);
      else assert.ok(codes.includes(rule), `${file}: ${text} gave [${codes.join(", ")}]`);
    }
  });
}
