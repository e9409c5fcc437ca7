// The container's situation without a container: the kernel gives PID 1 no signal that it does not listen for.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { CannotRunError } from "#src/prove/index.js";
import { findPid1Fault } from "#src/prove/machine/pid1.js";
import { commandOf, criterionOf, proveFixture } from "../prove-fixture.js";

const fault = await findPid1Fault();
const ALLOWED = { skip: fault ?? false };
const QUICK = { ...process.env, LAME_DUCK_MS: "700" };

/** No runtime that catches signals itself, as those of Node and Go do. */
const PLAIN = `
import http.server, os
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")
    def log_message(self, *args):
        pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
`;

test("pid1: a service that stops in order passes, with its own exit code", ALLOWED, async () => {
  const { result } = await proveFixture("stops-correctly", { pid1: true, env: QUICK });
  assert.deepEqual(result.findings, []);
  assert.equal(result.verdict, "pass");
  const stop = result.trials[0]?.stops[0];
  assert.equal(stop?.exit.code, 0);
  assert.notEqual(stop.timeline.listenerClosedMs, null, "its listener is watched");
});

test("pid1: it is number 1 there", ALLOWED, async () => {
  const code = `
    process.on("SIGTERM", () => process.exit(process.pid === 1 ? 7 : 8));
    require("node:http").createServer((request, response) => response.end("ok")).listen(process.env.PORT, "127.0.0.1");`;
  const command = [process.execPath, "-e", code];
  const { result } = await proveFixture("", { command, pid1: true });
  assert.equal(result.trials[0]?.stops[0]?.exit.code, 7);
  const outside = await proveFixture("", { command });
  assert.equal(outside.result.trials[0]?.stops[0]?.exit.code, 8, "control: without --pid1");
});

const hasPython = spawnSync("python3", ["-V"]).status === 0;

for (const [name, command, needs] of [
  ["Node", commandOf("dies-of-signal"), ALLOWED],
  [
    "Python",
    ["python3", "-c", PLAIN],
    { skip: ALLOWED.skip || (hasPython ? false : "`python3` is not installed") },
  ],
] as const) {
  test(`pid1: a program without a listener ignores the signal (${name})`, needs, async () => {
    const { result } = await proveFixture("", { command, pid1: true, grace: 1_500 });
    assert.equal(result.verdict, "fail");
    assert.deepEqual(
      result.findings.map(({ id }) => id),
      ["signal/ignored"],
    );
    assert.equal(criterionOf(result, "time from signal to exit").passed, false);
    const exit = result.trials[0]?.stops[0]?.exit;
    assert.deepEqual([exit?.code, exit?.signal, exit?.orphans], [137, "SIGKILL", null]);
    const outside = await proveFixture("", { command, grace: 1_500 });
    assert.deepEqual(
      outside.result.findings.map(({ id }) => id),
      ["exit/died-of-signal"],
      "control: elsewhere it ends it",
    );
  });
}

test("pid1: where the system does not allow it that is said", async () => {
  const env = { ...QUICK, PATH: "/nonexistent" };
  const before = process.env["PATH"];
  process.env["PATH"] = env.PATH;
  try {
    await assert.rejects(proveFixture("stops-correctly", { pid1: true, env }), (error) => {
      assert.ok(error instanceof CannotRunError);
      assert.equal(error.code, "PROVE_CANNOT_START");
      assert.match(error.message, /^the service cannot be PID 1 of a namespace of its own here: /);
      return true;
    });
  } finally {
    process.env["PATH"] = before;
  }
});
