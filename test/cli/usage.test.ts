import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { runCli } from "./run-cli.js";

for (const [args, message] of [
  [[], "Expected a command (prove, lint, auto, explain), got none"],
  [["prov"], "Expected a command (prove, lint, auto, explain), got `prov`: did you mean `prove`?"],
  [["bake"], "Expected a command (prove, lint, auto, explain), got `bake`: see `lastcall --help`"],
  [["prove", "--quick"], "Expected `--` and the command that starts the service, got no `--`"],
  [
    ["prove", "--"],
    "Expected `--` and the command that starts the service, got nothing after `--`",
  ],
  [["prove", "node", "x.js"], "Expected an option or `--` and the command to run, got `node`"],
  [
    ["prove", "--rtt", "30", "--", "x"],
    "Expected `--rtt` to be a time such as 25s or 10ms, got `30`: a unit is missing, as in `30ms` or `30s`",
  ],
  [
    ["prove", "--grace=soon", "--", "x"],
    "Expected `--grace` to be a time such as 25s or 10ms, got `soon`",
  ],
  [
    ["prove", "--trials", "none", "--", "x"],
    "Expected `--trials` to be a whole number from 1 to 100000, got `none`",
  ],
  [
    ["prove", "--port", "0", "--", "x"],
    "Expected `--port` to be a whole number from 1 to 65535, got `0`",
  ],
  [
    ["prove", "--request", "/", "--", "x"],
    "Expected `--request` to be 'METHOD /path [body]', got `/`",
  ],
  [
    ["prove", "--upload", "POST /up x", "--", "x"],
    "Expected `--upload` to be 'METHOD /path', got `POST /up x`",
  ],
  [
    ["prove", "--expect-continue", "POST /up x", "--", "x"],
    "Expected `--expect-continue` to be 'METHOD /path', got `POST /up x`",
  ],
  [
    ["prove", "--websocket", "live", "--", "x"],
    "Expected `--websocket` to be a path such as /live, got `live`",
  ],
  [
    ["prove", "--http", "/nonexistent/x.http", "--", "x"],
    "/nonexistent/x.http: Expected a file that can be read (ENOENT)",
  ],
  [
    ["prove", "--allow", "POST /", "--", "x"],
    "Expected `--allow` with one of `--http`, `--har`, `--openapi`, got none of them",
  ],
  [
    ["prove", "--header", "Content-Length: 3", "--", "x"],
    "Expected `--header` to be 'Name: value', and no field that frames the message, got `Content-Length: 3`",
  ],
  [
    ["prove", "--rate", "fast", "--", "x"],
    "Expected `--rate` to be requests per second, above 0 and up to 100000, got `fast`",
  ],
  [
    ["prove", "--lag", "3s", "--grace", "2s", "--", "x"],
    "Expected `--lag` (3 s) to be shorter than `--grace` (2 s): what serves until the balancer has let go would be killed before",
  ],
  [
    ["prove", "--second-signal", "40s", "--", "x"],
    "Expected `--second-signal` (40 s) to be shorter than `--grace` (30 s): it would be killed before it is told again",
  ],
  [
    ["prove", "--repeat-signal", "20ms", "--second-signal", "1s", "--", "x"],
    "Expected `--repeat-signal` or `--second-signal`, got both: one is the same stop told twice, the other a stop that is called off",
  ],
  [
    ["prove", "--pid1", "--signal-group", "--", "x"],
    "Expected `--pid1` or `--signal-group`, got both: a container's runtime signals its first process alone",
  ],
  [
    ["prove", "--pid1", "--pid", "1"],
    "Expected `--pid1` or `--pid`, got both: what runs already has its number",
  ],
  [
    ["prove", "--signal-group", "--pid", "1"],
    "Expected `--signal-group` or `--pid`, got both: only what was started here is known to lead its group",
  ],
  [
    ["prove", "--expect-status", "fine", "--", "x"],
    "Expected `--expect-status` to be statuses such as 2xx,404, got `fine`",
  ],
  [
    ["prove", "--instance-header", "X Pod", "--url", "http://x", "--during", "true"],
    "Expected `--instance-header` to be the name of a field such as X-Pod, got `X Pod`",
  ],
  [["prove", "--spacing", "even", "--", "x"], "Expected `--spacing` with `--rate`, got it alone"],
  [
    ["prove", "--rate", "1", "--spacing", "odd", "--", "x"],
    "Expected `--spacing` to be poisson or even, got `odd`",
  ],
  [
    ["prove", "--rate", "1", "--h2", "GET /", "--", "x"],
    "Expected `--rate` with a `--request`, as it sends HTTP/1.1, got `--h2` alone",
  ],
  [["prove", "--tls=yes", "--", "x"], "Expected `--tls` without a value, got `yes`"],
  [
    ["prove", "--second-signal", "1s", "--restarts", "2", "--", "x"],
    "Expected `--second-signal` or `--restarts`, got both: a second signal asks for losses",
  ],
  [
    ["prove", "--signal", "SIGTERN", "--", "x"],
    "Expected `--signal` to be a signal such as SIGTERM, got `SIGTERN`: did you mean `SIGTERM`?",
  ],
  [
    ["prove", "--clients", "pond=3", "--", "x"],
    "Expected `--clients` to name pool, rate, fresh, slow, upload, idle, silent, half-head, pipeline, expect, stalled, events, websocket, h2, h2-idle, got `pond`",
  ],
  [
    ["prove", "--trails", "3", "--", "x"],
    "Expected a known option, got `--trails`: did you mean `--trials`?",
  ],
  [["prove", "--rtt", "--", "x"], "Expected a value after `--rtt` (TIME), got nothing"],
  [["prove", "--rtt", "1ms", "--rtt", "2ms", "--", "x"], "Expected `--rtt` once, got it again"],
  [
    ["prove", "--url", "http://x.example"],
    "Expected a command after `--` or `--pid` or `--signal-with` or `--during` with `--url`: how does it stop?",
  ],
  [
    ["prove", "--during", "true"],
    "Expected `--url` or `--port` with `--during`: where does it listen?",
  ],
  [
    ["prove", "--pid", "7", "--", "x"],
    "Expected one of a command after `--` and `--pid`: each says what is proved",
  ],
  [
    ["prove", "--url", "x.example", "--during", "true"],
    "Expected `--url` to be a URL such as https://staging.example, or unix:/absolute/path, got `x.example`",
  ],
  ...[
    ["--grace", "it would be killed with the signal"],
    ["--connect-timeout", "no connection would be made in time"],
    ["--start-timeout", "nothing answers so soon"],
    ["--balancer-keepalive", "a balancer that keeps no idle connection has none closed on it"],
  ].map(([name = "", why = ""]): [string[], string] => [
    ["prove", name, "0s", "--", "x"],
    `Expected \`${name}\` to be longer than 0 ms: ${why}`,
  ]),
  [
    ["prove", "--url", `unix:/${"é".repeat(60)}`, "--", "x"],
    `Expected \`--url\` to be a socket's path of at most ${process.platform === "linux" ? "107" : "103"} bytes, got 121: the system has no room for more`,
  ],
  [
    ["prove", "--url", "unix:/run/app.sock", "--restarts", "2", "--", "x"],
    "Expected `--url` or `--restarts`, got both: two generations cannot be told apart on one Unix socket; replace it with `--during`",
  ],
  ...["http://", "https://bad host/", "http://u:p@x/", "ftp://x/ids"].map(
    (url): [string[], string] => [
      ["prove", "--effects", url, "--", "x"],
      `Expected \`--effects\` to be a shell command, or a URL such as http://127.0.0.1:9000/ids, got \`${url}\``,
    ],
  ),
  ...["unix:rel/path.sock", "unix:"].map((url): [string[], string] => [
    ["prove", "--url", url, "--during", "true"],
    `Expected \`--url\` to be a URL such as https://staging.example, or unix:/absolute/path, got \`${url}\``,
  ]),
  [
    ["prove", "--url", "http://x.example", "--insecure", "--during", "true"],
    "Expected an https `--url` with `--insecure`, got `http://x.example`",
  ],
  [
    ["prove", "--url", "http://x/a", "--request", "GET /b", "--during", "true"],
    "Expected `--url` without a path or no `--request`: the path is the request where none is named",
  ],
  [
    ["prove", "--pid", "7", "--trials", "2"],
    "Expected `--trials` or `--pid`, got both: only a command can be started again",
  ],
  [
    ["prove", "--kill", "--", "x"],
    "Expected `--pid` with `--kill`: what was started here is ended in any case",
  ],
  [["prove", "--port", "1", "--during", ""], "Expected a value after `--during`, got nothing"],
  [
    ["prove", "--tls", "--ca", "/nonexistent/ca.pem", "--", "x"],
    "Expected `--ca` to be a file that can be read, got `/nonexistent/ca.pem` (ENOENT)",
  ],
  [
    ["prove", "--tls", "--ca", "package.json", "--", "x"],
    "Expected `--ca` to be a file of certificates in PEM, got `package.json`, which has none",
  ],
  [["prove", "--json=yes", "--", "x"], "Expected `--json` without a value, got `yes`"],
  [
    ["prove", "--port", "80", "--restarts", "2", "--", "x"],
    "Expected `--port` or `--restarts`, got both: two generations run at once",
  ],
  [
    ["prove", "--ledger", "/nonexistent/x", "--", "x"],
    "Expected `--ledger` to be a file that can be written, got `/nonexistent/x` (ENOENT)",
  ],
  [
    ["prove", "--html", "/nonexistent/x.html", "--", "x"],
    "Expected `--html` to be a file that can be written, got `/nonexistent/x.html` (ENOENT)",
  ],
  [
    ["prove", "--junit", "/", "--", "x"],
    "Expected `--junit` to be a file that can be written, got `/` (EISDIR)",
  ],
] as const) {
  test(`usage: \`lastcall ${args.join(" ")}\` → one sentence, exit 2`, async () => {
    const run = await runCli(args);
    assert.deepEqual(run, { code: 2, stdout: "", stderr: `lastcall: ${message}\n` });
  });
}

test("usage: --version is the package's", async () => {
  const { version } = JSON.parse(
    readFileSync(new URL("../../../package.json", import.meta.url), "utf8"),
  ) as { version: string };
  assert.deepEqual(await runCli(["--version"]), { code: 0, stdout: `${version}\n`, stderr: "" });
});

test("usage: prove alone says what to give, with examples", async () => {
  const { code, stdout, stderr } = await runCli(["prove"]);
  assert.deepEqual([code, stdout], [2, ""]);
  assert.match(stderr, /^lastcall: Expected what to prove, got nothing\. Give the command/);
  assert.match(stderr, /^ {2}lastcall prove -- node server\.js$/m);
});

test("usage: --help lists every command, and each has a help of its own", async () => {
  const general = await runCli(["--help"]);
  assert.equal(general.code, 0);
  assert.match(general.stdout, /^ {2}prove {3}/m);
  const own = await runCli(["prove", "--help"]);
  assert.equal(own.code, 0);
  assert.match(own.stdout, /^Usage: lastcall prove /);
});
