// The projects: of each the files it begins with, what is run in it, and what the last command has to print.

const NODE = process.execPath;
/** @param {string} name a program of a package */
const tool = (name) => `node_modules/.bin/${name}`;

/** What the TypeScript program prints. It says itself what must not compile. */
const SERVED = /^ok clean 2 function function function$/m;

/**
 * The program compiled under one setting of TypeScript's, and run where Node runs what comes out.
 * @param {string} name
 * @param {"module" | "commonjs"} type of package.json
 * @param {Record<string, string>} options of the compiler
 */
function typescript(name, type, options, file = "service.ts") {
  const compilerOptions = { target: "es2022", strict: true, types: ["node"], skipLibCheck: false };
  return {
    name: `typescript ${name}`,
    from: "typescript",
    rename: { "service.ts": file },
    files: {
      "package.json": JSON.stringify({ private: true, type }),
      "tsconfig.json": JSON.stringify({
        compilerOptions: { ...compilerOptions, ...options },
        files: [file],
      }),
    },
    commands: [
      [tool("tsc"), "--project", "."],
      [NODE, file.replace(/ts$/, "js")],
    ],
    prints: SERVED,
  };
}

/** @param {string} text a program: the outcome that it waits for is another */
const otherOutcome = (text) => text.replace('toBe("clean")', 'toBe("aborted")');
/** @param {string} text a program: what it imports is not in the package */
const otherName = (text) => text.replace("renderVerdict }", "renderVerdicts as renderVerdict }");

const COMMONJS = '{"private":true,"type":"commonjs"}';
const MODULE = '{"private":true,"type":"module"}';

export const PROJECTS = [
  typescript("node16, a module", "module", { module: "node16" }),
  typescript("node16, CommonJS", "commonjs", { module: "node16" }),
  typescript("node18, a module", "module", { module: "node18" }),
  typescript("nodenext, CommonJS", "commonjs", { module: "nodenext" }),
  typescript("nodenext, a file .mts", "commonjs", { module: "nodenext" }, "service.mts"),
  typescript("nodenext, a file .cts", "module", { module: "nodenext" }, "service.cts"),
  typescript("preserve", "module", { module: "preserve" }),
  typescript("esnext, resolved as bundlers do", "module", {
    module: "esnext",
    moduleResolution: "bundler",
  }),
  typescript("commonjs, resolved as Node 10 did", "commonjs", {
    module: "commonjs",
    moduleResolution: "node10",
  }),
  {
    name: "ts-node",
    from: "typescript",
    files: {
      "package.json": COMMONJS,
      "tsconfig.json":
        '{"compilerOptions":{"target":"es2022","module":"node16","strict":true,"types":["node"]}}',
    },
    commands: [[tool("ts-node"), "service.ts"]],
    prints: SERVED,
  },
  ...[COMMONJS, MODULE].map((manifest) => ({
    name: `tsx, ${manifest === MODULE ? "a module" : "CommonJS"}`,
    from: "typescript",
    files: { "package.json": manifest },
    commands: [[tool("tsx"), "service.ts"]],
    prints: SERVED,
    broken: { "service.ts": (text) => text.replace("lastcall(options)", "lastcall(asked)") },
  })),
  {
    name: "Jest",
    from: "jest",
    files: { "package.json": COMMONJS },
    commands: [[tool("jest")]],
    prints: /^Tests: +1 passed, 1 total$/m,
    broken: { "stop.test.js": otherOutcome },
  },
  {
    name: "Jest with ts-jest",
    from: "typescript-test",
    files: {
      "package.json": '{"private":true,"type":"commonjs","jest":{"preset":"ts-jest"}}',
      "tsconfig.json":
        '{"compilerOptions":{"target":"es2022","module":"node16","isolatedModules":true,"strict":true,"types":["node","jest"]}}',
    },
    commands: [[tool("jest")]],
    prints: /^Tests: +1 passed, 1 total$/m,
    broken: { "stop.test.ts": otherOutcome },
  },
  {
    name: "Vitest",
    from: "typescript-test",
    files: { "package.json": MODULE },
    commands: [[tool("vitest"), "run", "--globals"]],
    prints: /Tests +1 passed \(1\)/,
    broken: { "stop.test.ts": otherOutcome },
  },
  ...["cjs", "esm"].map((format) => ({
    name: `esbuild, ${format}`,
    from: "bundle",
    files: { "package.json": MODULE },
    commands: [
      [
        tool("esbuild"),
        ...["service.mjs", "--bundle", "--platform=node", "--log-level=warning"],
        ...[`--format=${format}`, `--outfile=out/service.${format === "cjs" ? "cjs" : "mjs"}`],
      ],
      [NODE, `out/service.${format === "cjs" ? "cjs" : "mjs"}`],
    ],
    prints: /^ok clean function$/m,
    broken: { "service.mjs": otherName },
  })),
  {
    name: "webpack",
    from: "bundle",
    files: { "package.json": MODULE },
    commands: [
      [
        tool("webpack"),
        ...[
          "--mode=production",
          "--target=node20",
          "--entry=./service.mjs",
          "--output-filename=service.cjs",
        ],
      ],
      [NODE, "dist/service.cjs"],
    ],
    prints: /^ok clean function$/m,
    broken: { "service.mjs": otherName },
  },
  {
    name: "Next.js, serverExternalPackages",
    from: "next",
    files: { "package.json": '{"private":true}' },
    commands: [
      [tool("next"), "build"],
      [NODE, "server.mjs"],
    ],
    prints: /^true \["undefined",false\] clean$/m,
  },
];

const SUM = (sum) => `test("adds", () => expect(1 + 1).toBe(${sum}));`;
const ESLINT = 'export default [{ rules: { "no-debugger": "error" } }];';

/**
 * Tools that must not notice `lastcall/auto`: with it each prints the same and ends with the same code, of what it finds right
 * and of what it finds wrong.
 */
export const TOOLS = [
  {
    name: "Jest",
    files: { "package.json": COMMONJS },
    file: "sum.test.js",
    right: SUM(2),
    wrong: SUM(3),
    command: [tool("jest")],
  },
  {
    name: "Vitest",
    files: { "package.json": MODULE },
    file: "sum.test.js",
    right: SUM(2),
    wrong: SUM(3),
    command: [tool("vitest"), "run", "--globals"],
  },
  {
    name: "ESLint",
    files: { "package.json": MODULE, "eslint.config.js": ESLINT },
    file: "a.js",
    right: "export const a = 1;",
    wrong: "debugger;",
    command: [tool("eslint"), "."],
  },
];
