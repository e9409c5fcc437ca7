import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluate, root, specifiers } from "./project.js";

// What a module could leave behind by doing work on import. Of the active resources only what a program
// starts: Node's loader, still reading files, and its standard streams come and go among them.
const probe = `
  const traces = () => [
    ...process.eventNames().map((name) => "process.on " + String(name)),
    ...process.getActiveResourcesInfo().filter((name) => /^(Timeout|Immediate|TCPServerWrap)$/.test(name)),
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

// It is imported for nothing else.
const PRELOAD = "lastcall/auto";

for (const specifier of specifiers.filter((each) => each !== PRELOAD)) {
  test(`importing ${specifier} does no work`, () => {
    assert.deepEqual(leftBehind(specifier), []);
  });
}

test(`importing ${PRELOAD} leaves no listener, no timer, no server and no global`, () => {
  assert.deepEqual(leftBehind(PRELOAD), []);
});

test("negative control: a listener, a timer, a server and a global are seen", () => {
  const source = `
    import net from "node:net";
    const server = net.createServer();
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    process.on("SIGTERM", () => {});
    setInterval(() => {}, 1000);
    globalThis.mine = 1;`;
  const traces = leftBehind(`data:text/javascript,${encodeURIComponent(source)}`);
  assert.deepEqual(traces.sort(), ["TCPServerWrap", "Timeout", "mine", "process.on SIGTERM"]);
});
