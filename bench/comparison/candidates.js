// What is compared, how each is configured, and how it is started.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { LAG_MS } from "./services/app.js";

const here = import.meta.dirname;
const preStop = (...command) => [
  "node",
  "bench/comparison/pre-stop.js",
  String(LAG_MS),
  ...command,
];
const service = (name) => ["node", `bench/comparison/services/${name}.js`];

/** Needs `go`; undefined without one. */
function buildGo() {
  if (spawnSync("go", ["version"]).status !== 0) return undefined;
  const file = path.join(mkdtempSync(path.join(tmpdir(), "lastcall-comparison-")), "shutdown");
  execFileSync("go", ["build", "-o", file, "main.go"], { cwd: path.join(here, "go") });
  return file;
}

const has = (command) => spawnSync(command, ["--version"]).status === 0;
// They take the port on their command line; a shell that is replaced puts it there.
const shell = (line) => ["sh", "-c", `exec ${line}`];
const uvicorn = "uvicorn --app-dir bench/comparison/python --port $PORT --log-level warning";
const gunicorn = "gunicorn --chdir bench/comparison/python --bind 127.0.0.1:$PORT";

/**
 * @typedef {object} Candidate
 * @property {string} name
 * @property {string} how
 * @property {readonly string[] | undefined} command undefined when this machine does not have it
 */

/** @returns {Candidate[]} */
export function listCandidates() {
  const go = buildGo();
  const isUvicorn = has("uvicorn");
  const isGunicorn = has("gunicorn");
  return [
    ["`server.close()`", "then `process.exit(0)` in its callback", service("plain")],
    ["lastcall", "default, `gracePeriod` 10 s", service("lastcall-default")],
    ["terminus", "default", service("terminus-default")],
    [
      "terminus",
      "`beforeShutdown` waits 1.5 s, `timeout` 5 s, `useExit0`",
      service("terminus-tuned"),
    ],
    ["http-terminator", "default", service("http-terminator-default")],
    ["http-terminator", "called 1.5 s later, timeout 7 s", service("http-terminator-tuned")],
    ["stoppable", "default", service("stoppable-default")],
    ["stoppable", "called 1.5 s later, grace 7 s", service("stoppable-tuned")],
    ["http-graceful-shutdown", "default", service("http-graceful-shutdown-default")],
    [
      "http-graceful-shutdown",
      "`preShutdown` waits 1.5 s, `timeout` 7 s",
      service("http-graceful-shutdown-tuned"),
    ],
    ["lightship", "default", service("lightship-default")],
    [
      "lightship",
      "`shutdownDelay` 1.5 s, its handler waits for the close, exits 0",
      service("lightship-tuned"),
    ],
    ["Fastify, close-with-grace", "default", service("fastify-default")],
    [
      "Fastify, close-with-grace",
      "`preClose` waits 1.5 s, no 503 while closing, `delay` 9 s",
      service("fastify-tuned"),
    ],
    ["NestJS", "`enableShutdownHooks()`", service("nest-default")],
    ["NestJS", "and `beforeApplicationShutdown` waits 1.5 s", service("nest-tuned")],
    ["srvx", "default", service("srvx-default")],
    ["srvx", "`gracefulTimeout` 7 s, `preStop` 1.5 s", preStop(...service("srvx-tuned"))],
    ["Go `http.Server.Shutdown`", "as its documentation shows", go && [go]],
    [
      "Go `http.Server.Shutdown`",
      "called 1.5 s later, `ReadHeaderTimeout` 2 s",
      go && [go, "tuned"],
    ],
    ["uvicorn", "default", isUvicorn ? shell(`${uvicorn} asgi:app`) : undefined],
    [
      "uvicorn",
      "`preStop` 1.5 s",
      isUvicorn ? preStop(...shell(`${uvicorn} asgi:app`)) : undefined,
    ],
    [
      "gunicorn",
      "default: sync workers, 4 of them",
      isGunicorn ? shell(`${gunicorn} --workers 4 wsgi:app`) : undefined,
    ],
    [
      "gunicorn",
      "threads, `--graceful-timeout` 8 s, `preStop` 1.5 s",
      isGunicorn
        ? preStop(
            ...shell(
              `${gunicorn} --worker-class gthread --threads 64 --graceful-timeout 8 wsgi:app`,
            ),
          )
        : undefined,
    ],
  ].map(([name, how, command]) => ({ name, how, command }));
}
