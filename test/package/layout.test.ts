import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { read, root, temporaryFolder } from "./project.js";

const reach = (specifier: string): string => `export * from "${specifier}";`;
const reachType = (specifier: string): string => `export type { X } from "${specifier}";`;

/** File, its text, and what must be said of it; none: nothing. */
type Case = readonly [file: string, text: string, fault?: RegExp];

const lines = (count: number): string =>
  Array.from({ length: count }, () => "  x += 1;").join("\n");
const members = (count: number): string =>
  Array.from({ length: count }, (_, at) => `  m${String(at)} = 1;`).join("\n");

const rules: Readonly<Record<string, readonly Case[]>> = {
  "prove, lint and findings stay in their folder, at every depth": [
    ["src/prove/render/out.ts", reach("../../budget.js"), /prove\/ imports itself and/],
    ["src/prove/render/type-out.ts", reachType("../../budget.js"), /prove\/ imports itself and/],
    [
      "src/prove/render/import-type.ts",
      `export type X = import("../../budget.js").X;`,
      /prove\/ imports itself and/,
    ],
    ["src/prove/render/dynamic.ts", `await import("../../budget.js");`, /prove\/ imports itself/],
    ["src/prove/load/http2/out.ts", reach("../../../budget.js"), /prove\/ imports itself and/],
    ["src/prove/load/http2/lint.ts", reach("../../../lint/x.js"), /prove\/ imports itself and/],
    ["src/prove/load/http2/in.ts", reach("../run.js") + reach("../../facts/row.js")],
    ["src/prove/render/shown.ts", reach("../../findings/finding.js")],
    ["src/lint/rules/out.ts", reach("../../prove/index.js"), /lint\/ imports itself and/],
    ["src/lint/rules/shown.ts", reach("../../findings/finding.js")],
    ["src/findings/to-prove.ts", reach("../prove/index.js"), /findings\/ imports itself alone/],
    ["src/findings/to-library.ts", reachType("../budget.js"), /findings\/ imports itself alone/],
    ["src/findings/in.ts", reach("./x.js") + reach("node:path")],
  ],
  "a folder of prove imports those before it": [
    ["src/prove/facts/up.ts", reach("../load/x.js"), /facts\/ comes before load\//],
    ["src/prove/facts/type-up.ts", reachType("../load/x.js"), /facts\/ comes before load\//],
    ["src/prove/load/wire/up.ts", reach("../../judge/x.js"), /load\/ comes before judge\//],
    ["src/prove/load/wire/down.ts", reach("../../facts/x.js") + reach("../run.js")],
    ["src/prove/render/top.ts", reach("../prove.js"), /nothing below src\/prove\/ imports/],
    ["src/prove/prove.ts", reach("./render/x.js") + reach("./facts/x.js")],
    ["src/prove/loose.ts", "export {};", /src\/prove\/ itself has index\.ts and prove\.ts only/],
    ["src/prove/attic/a.ts", "export {};", /the plan has no folder src\/prove\/attic\//],
  ],
  "prove, lint and findings have no packages but those named": [
    ["src/prove/traffic/scoped.ts", reach("@types/node"), /has no packages but yaml/],
    [
      "src/prove/traffic/other.ts",
      reach("yaml"),
      /has no packages but yaml in src\/prove\/traffic/,
    ],
    ["src/prove/traffic/yaml.ts", reach("yaml")],
    ["src/prove/facts/name.ts", reach("lastcall"), /has no packages/],
    ["src/prove/facts/alias.ts", reach("#src/budget.js"), /has no packages/],
    ["src/prove/facts/bare.ts", reach("http"), /a built-in is written with node:/],
    ["src/lint/package.ts", reachType("yaml"), /has no packages/],
    ["src/findings/package.ts", reach("yaml"), /has no packages/],
  ],
  "imports do not go round, not even types": [
    ["src/round/a.ts", reach("./b.js"), /^imports go round, types included: src\/round\/a\.ts/],
    ["src/round/b.ts", reachType("./c.js"), /round\/b\.ts/],
    ["src/round/c.ts", `export type X = import("./a.js").X;`, /round\/c\.ts/],
    ["src/round/leaf.ts", reach("./a.js")],
    ["src/prove/judge/self.ts", reachType("./self.js"), /^imports go round, .*judge\/self\.ts/],
  ],
  "no function, class or folder grows without end": [
    [
      "src/work/long.ts",
      `let x = 0;\nexport function long() {\n${lines(59)}\n}`,
      /long: a function of 61/,
    ],
    [
      "src/work/arrow.ts",
      `let x = 0;\nexport const arrow = () => {\n${lines(59)}\n};`,
      /arrow: a function/,
    ],
    ["src/work/fits.ts", `let x = 0;\nexport function fits() {\n${lines(58)}\n}`],
    ["src/work/wide.ts", `export class Wide {\n${members(26)}\n}`, /Wide: a class of 26 members/],
    ["src/work/narrow.ts", `export class Narrow {\n${members(25)}\n}`],
    ...Array.from({ length: 16 }, (_, at): Case => [`src/many/m${String(at)}.ts`, "export {};"]),
    ...Array.from({ length: 16 }, (_, at): Case => [`src/clients/c${String(at)}.ts`, "export {};"]),
  ],
};

function layout(folder: string): { status: number | null; faults: string[] } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [path.join(root, "scripts", "layout.mjs"), folder],
    { encoding: "utf8" },
  );
  assert.equal(stderr, "");
  return { status, faults: stdout.split("\n").filter((line) => line !== "") };
}

/** All cases at once, in a folder of their own. */
function tryCases(folder: string): string[] {
  for (const [file, text] of Object.values(rules).flat()) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), `${text}\n`);
  }
  const { status, faults } = layout(folder);
  assert.equal(status, 1);
  return faults;
}

test("src/ is laid out as planned", () => {
  assert.deepEqual(layout(root), { status: 0, faults: [] });
});

test("CONTRIBUTING draws the folders of prove in the order of the plan", async () => {
  const plan = pathToFileURL(path.join(root, "scripts", "layout", "plan.mjs")).href;
  const { PARTS } = (await import(plan)) as {
    PARTS: readonly { folder: string; order?: readonly string[] }[];
  };
  const order = PARTS.find(({ folder }) => folder === "src/prove")?.order ?? [];
  const [, drawn = ""] = read("CONTRIBUTING.md").split("\n  prove/ ");
  const names = [...drawn.matchAll(/^ {4}([a-z]+)\/ /gm)].map((match) => match[1]);
  assert.ok(order.length > 5);
  assert.deepEqual(names.slice(0, order.length), order);
});

const found = tryCases(temporaryFolder({ after }));

for (const [name, cases] of Object.entries(rules)) {
  test(`${name}: the rule fires there, and only there`, () => {
    for (const [file, text, fault] of cases) {
      const isAbout = (line: string): boolean =>
        line.startsWith(file) || line.startsWith("imports go round");
      const said = found.filter((line) => isAbout(line) && line.includes(file));
      if (fault === undefined) assert.deepEqual(said, [], `${file}: ${text}`);
      else
        assert.ok(
          said.some((line) => fault.test(line)),
          `${file}: ${text} gave ${said.join()}`,
        );
    }
  });
}

test("a folder without a head file, or with two, is named", (t) => {
  const folder = temporaryFolder(t);
  const files: Readonly<Record<string, string>> = {
    "src/findings/a.ts": "// findings/: what they are",
    "src/prove/prove.ts": "// prove/: the prover",
    "src/prove/facts/a.ts": "// facts/: plain data",
    "src/prove/facts/b.ts": "// facts/: again",
    "src/prove/judge/a.ts": "// facts/: of another folder",
    "src/prove/findings/catalogue.ts": "// findings/: rules",
    "src/prove/findings/exit/late.ts": "export {};",
    "src/cli/main.ts": "#!/usr/bin/env node\n// cli/: the command",
    "src/work/tasks.ts": "export {};",
  };
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), `${text}\n`);
  }
  assert.deepEqual(layout(folder).faults, [
    "src/prove/facts: several files begin with `// facts/: ` and what the folder is for",
    "src/prove/judge: no file begins with `// judge/: ` and what the folder is for",
  ]);
});

test("a folder of too many files is named, a catalogue is not", () => {
  assert.ok(found.includes("src/many: a folder of 16 files, at most 15"));
  assert.ok(!found.some((line) => line.startsWith("src/clients:")));
});

test("an exception that is no longer needed has to go", (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(path.join(folder, "src", "server"), { recursive: true });
  writeFileSync(path.join(folder, "src", "server", "guard.ts"), "export function guard() {}\n");
  const { status, faults } = layout(folder);
  assert.equal(status, 1);
  assert.deepEqual(faults, [
    "scripts/layout/plan.mjs: EXCEPTIONS.lines no longer needs src/server/guard.ts guard: take it out",
  ]);
});
