import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluate, root, specifiers } from "./project.js";

// What a module could leave behind by doing work on import. CloseReq and FSReq… are Node's own loader,
// not yet done with the file it read.
const probe = `
  const traces = () => [
    ...process.eventNames().map((name) => "process.on " + String(name)),
    ...process.getActiveResourcesInfo().filter((name) => !/^(CloseReq|FSReq)/.test(name)),
    ...Object.getOwnPropertyNames(globalThis),
  ];
  const before = traces();
  await import(process.argv[1]);
  const after = traces();
  for (const trace of before) if (after.includes(trace)) after.splice(after.indexOf(trace), 1);
  console.log(JSON.stringify(after));
  process.exit();
`;

function leftBehind(specifier: string): string[] {
  const { status, stdout, stderr } = evaluate("module", probe, root, [specifier]);
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout) as string[];
}

for (const specifier of specifiers) {
  test(`importing ${specifier} does no work`, () => {
    assert.deepEqual(leftBehind(specifier), []);
  });
}

test("negative control: a listener, a timer and a global are seen", () => {
  const source = `process.on("SIGTERM", () => {}); setInterval(() => {}, 1000); globalThis.mine = 1;`;
  const traces = leftBehind(`data:text/javascript,${encodeURIComponent(source)}`);
  for (const trace of ["process.on SIGTERM", "Timeout", "mine"]) assert.ok(traces.includes(trace));
});
