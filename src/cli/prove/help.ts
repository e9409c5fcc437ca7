import { writeOptions } from "../option-list.js";
import { CLI_OPTIONS } from "./table.js";

/** The text of `lastcall prove --help`. */
export function writeHelp(): string {
  return `Usage: lastcall prove [options] -- <command> [arguments]
       lastcall prove [options] --pid N [--url URL]
       lastcall prove [options] --url URL --signal-with 'COMMAND' [--pid N]
       lastcall prove [options] --url URL --during 'COMMAND'
       lastcall prove --compare A.json B.json [--json]

Starts a service, loads it, stops it, and says what happened to every request.
The command is started directly, without a shell, with PORT set to a free port.
With --pid or --signal-with it does the same to something that runs already. With
--during it keeps the load on while a command runs, and says when requests failed.
A TIME has its unit: 10ms, 2.5s, 1m. What ends in … may be given more than once.
${writeOptions(CLI_OPTIONS)}
Exit codes: 0 pass, 1 fail, 2 bad usage, 3 could not run.

  lastcall prove -- node server.js
  lastcall prove --request 'GET /' --request 'POST /orders {"id":"{{id}}"}' -- ./server
  lastcall prove --url https://staging.example --during 'kubectl rollout restart deploy/api'
`;
}
