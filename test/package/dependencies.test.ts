import assert from "node:assert/strict";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { evaluate, manifest, read, root, specifiers } from "./project.js";

// The debugger is told of every script that is compiled, however it was reached: import, dynamic
// import, require or createRequire.
const probe = `
  import { Session } from "node:inspector";
  const session = new Session();
  const urls = [];
  session.connect();
  session.on("Debugger.scriptParsed", ({ params }) => urls.push(params.url));
  session.post("Debugger.enable");
  for (const specifier of process.argv.slice(1)) await import(specifier);
  console.log(JSON.stringify(urls));
`;

/** Every script in a file that is loaded when `imported` are. */
function scripts(...imported: string[]): string[] {
  const { status, stdout, stderr } = evaluate("module", probe, root, imported);
  assert.equal(status, 0, stderr);
  const urls = JSON.parse(stdout) as string[];
  return urls.filter((url) => url.startsWith("file:") && !url.includes("[eval"));
}

const own = pathToFileURL(`${root}/dist/`).href;

for (const specifier of specifiers) {
  test(`importing ${specifier} loads nothing but the package's own files`, () => {
    const loaded = scripts(specifier);
    assert.notEqual(loaded.length, 0);
    assert.deepEqual(
      loaded.filter((url) => !url.startsWith(own)),
      [],
    );
  });
}

test("negative control: a module from node_modules is seen, by import and by require", () => {
  assert.ok(scripts("express").some((url) => url.includes("/node_modules/express/")));
  const required = `data:text/javascript,${encodeURIComponent(
    `import { createRequire } from "node:module";
     createRequire(${JSON.stringify(pathToFileURL(`${root}/package.json`).href)})("express");`,
  )}`;
  assert.ok(scripts("lastcall", required).some((url) => url.includes("/node_modules/express/")));
});

test("the package declares one dependency, pinned, which the command alone loads", () => {
  // That no module of the library loads it is what the tests above show.
  const { dependencies = {} } = manifest;
  assert.deepEqual(Object.keys(dependencies), ["yaml"]);
  assert.match(dependencies.yaml ?? "", /^\d+\.\d+\.\d+$/);
});

test("development tools are pinned to exact versions", () => {
  for (const [name, version] of Object.entries(manifest.devDependencies)) {
    assert.match(version, /^\d+\.\d+\.\d+(-[\w.]+)?$/, `${name} is not pinned`);
  }
});

interface Lockfile {
  readonly packages: Readonly<Record<string, { optionalDependencies?: Record<string, string> }>>;
}

test("the lockfile names no registry, and knows the binaries of every platform", () => {
  const text = read("package-lock.json");
  assert.doesNotMatch(text, /"resolved": "https?:/);
  // `npm ci` refuses a lockfile that lacks one of them: a tool whose newest release had not been
  // published for all platforms when the lockfile was written leaves such a hole.
  const { packages } = JSON.parse(text) as Lockfile;
  for (const [name, { optionalDependencies = {} }] of Object.entries(packages)) {
    for (const optional of Object.keys(optionalDependencies)) {
      const isLocked = Object.keys(packages).some((key) =>
        key.endsWith(`node_modules/${optional}`),
      );
      assert.ok(isLocked, `${optional}, wanted by ${name}, is not locked`);
    }
  }
});
