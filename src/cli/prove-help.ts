import type { OptionSpec } from "./arguments.js";
import { POINTING_OPTIONS } from "./pointing-help.js";

export const PROVE_OPTIONS: readonly OptionSpec[] = [
  ...POINTING_OPTIONS,
  {
    name: "--request",
    value: "'METHOD /path [body]'",
    isRepeatable: true,
    help: "a request of the load; {{id}} becomes its id (default: GET /)",
  },
  { name: "--http", value: "FILE", isRepeatable: true, help: "the requests of a .http file" },
  { name: "--har", value: "FILE", isRepeatable: true, help: "the requests of a recording" },
  {
    name: "--openapi",
    value: "FILE",
    isRepeatable: true,
    help: "a request for each operation of an OpenAPI 3 document",
  },
  {
    name: "--allow",
    value: "'METHOD /path'",
    isRepeatable: true,
    help: "sends an unsafe request of a file too; * stands for a part of the path",
  },
  { name: "--allow-unsafe", help: "sends all of them" },
  {
    name: "--header",
    value: "'Name: value'",
    isRepeatable: true,
    help: "a field of every request",
  },
  {
    name: "--rate",
    value: "N",
    help: "sends N requests a second, whatever the service does, in place of pool and fresh",
  },
  { name: "--spacing", value: "KIND", help: "their gaps: poisson or even (poisson)" },
  {
    name: "--slow",
    value: "'METHOD /path [body]'",
    isRepeatable: true,
    help: "a request whose answer takes long, in flight at the signal",
  },
  {
    name: "--upload",
    value: "'METHOD /path'",
    isRepeatable: true,
    help: "an upload begun before the signal and ended after it",
  },
  {
    name: "--h2",
    value: "'METHOD /path [body]'",
    isRepeatable: true,
    help: "a request on HTTP/2; without --request the load is HTTP/2 alone",
  },
  {
    name: "--websocket",
    value: "/path",
    isRepeatable: true,
    help: "a WebSocket that stays open; it must end with 1001 or 1012",
  },
  {
    name: "--events",
    value: "/path",
    isRepeatable: true,
    help: "an event stream that stays open; it must end in order",
  },
  {
    name: "--stalled",
    value: "'METHOD /path [body]'",
    isRepeatable: true,
    help: "a request with a long answer (16 MB or more) whose client stops reading",
  },
  {
    name: "--pipeline",
    value: "'METHOD /path [body]'",
    isRepeatable: true,
    help: "a request whose answer takes long, sent three at once on one connection",
  },
  {
    name: "--expect-continue",
    value: "'METHOD /path'",
    isRepeatable: true,
    help: "a request with a body that asks before it sends it",
  },
  {
    name: "--readiness",
    value: "/path",
    help: "the readiness probe; it must fail before the listener closes",
  },
  {
    name: "--liveness",
    value: "/path",
    help: "the liveness probe; it must not fail while the service stops",
  },
  { name: "--tls", help: "the service speaks TLS; its certificate is not checked" },
  { name: "--rtt", value: "TIME", help: "round-trip time added to every connection (10ms)" },
  { name: "--grace", value: "TIME", help: "from the signal to SIGKILL (30s)" },
  {
    name: "--lag",
    value: "TIME",
    help: "how long the balancer goes on sending new connections after the signal (2s)",
  },
  { name: "--signal", value: "NAME", help: "the signal that asks the service to stop (SIGTERM)" },
  {
    name: "--second-signal",
    value: "TIME",
    help: "sends it again that long after: the service must give up, with code 128 + n",
  },
  { name: "--trials", value: "N", help: "how often to start, load and stop the service (1)" },
  {
    name: "--restarts",
    value: "N",
    help: "replace the service N times under one load instead of stopping it once",
  },
  {
    name: "--port",
    value: "N",
    help: "the port the service listens on (a free one, given in PORT)",
  },
  {
    name: "--inspect",
    help: "for Node services: also lists what lives on after requests that are over, with its line",
  },
  { name: "--inspect-wait", value: "TIME", help: "how long work may outlive its client (1s)" },
  { name: "--warmup", value: "TIME", help: "load before the signal (1s)" },
  { name: "--think", value: "TIME", help: "longest pause of a pool client (20ms)" },
  { name: "--start-timeout", value: "TIME", help: "how long the service may take to answer (30s)" },
  {
    name: "--clients",
    value: "KIND=N[,KIND=N…]",
    help: `pool=20, fresh=4, slow=4, upload=2, idle=8, silent=2, half-head=2; with their
                          options: pipeline=2, expect=4, stalled=2, events=4, websocket=4, h2=4,
                          h2-idle=4; with --rate: rate=256 at most, pool=0, fresh=0`,
  },
  { name: "--seed", value: "N", help: "repeats the think times of an earlier run" },
  { name: "--ledger", value: "FILE", help: "writes one JSON object per request" },
  { name: "--json", help: "prints the result as JSON" },
  { name: "--junit", value: "FILE", help: "writes the result as JUnit XML" },
  { name: "--html", value: "FILE", help: "writes the result and its timeline as one page" },
  { name: "--help", help: "prints this" },
];

/** The text of `lastcall prove --help`. */
export const PROVE_HELP: string = `Usage: lastcall prove [options] -- <command> [arguments]
       lastcall prove [options] --pid N [--url URL]
       lastcall prove [options] --url URL --signal-with 'COMMAND' [--pid N]
       lastcall prove [options] --url URL --during 'COMMAND'

Starts a service, loads it, stops it, and says what happened to every request.
The command is started directly, without a shell, with PORT set to a free port.
With --pid or --signal-with it does the same to something that runs already. With
--during it keeps the load on while a command runs, and says when requests failed.

Options (a TIME has its unit: 10ms, 2.5s, 1m):
${PROVE_OPTIONS.map(describe).join("\n")}

Exit codes: 0 pass, 1 fail, 2 bad usage, 3 could not run.

  lastcall prove -- node server.js
  lastcall prove --request 'GET /' --request 'POST /orders {"id":"{{id}}"}' -- ./server
  lastcall prove --url https://staging.example --during 'kubectl rollout restart deploy/api'
`;

function describe({ name, value, isRepeatable, help }: OptionSpec): string {
  const left = `  ${name}${value === undefined ? "" : ` ${value}`}${isRepeatable === true ? "…" : ""}`;
  return left.length > 24 ? `${left}\n${" ".repeat(26)}${help}` : left.padEnd(26) + help;
}
