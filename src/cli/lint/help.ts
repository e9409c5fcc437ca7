import { writeOptions } from "../option-list.js";
import { LINT_OPTIONS } from "./table.js";

/** The text of `lastcall lint --help`. */
export function writeHelp(): string {
  return `Usage: lastcall lint [options] [paths]
       helm template . | lastcall lint -

Reads what deploys a service and says where its stop gets too little time, or no signal:
Kubernetes, Compose, Swarm, Dockerfiles, package.json, systemd, PM2, Nomad, ECS, Fly, and the
proxies in front. Without paths it looks through the folder that it is started in; with \`-\` it
reads manifests from its standard input. It never runs what it reads.
${writeOptions(LINT_OPTIONS)}
Exit codes: 0 no errors, 1 errors (with --strict also warnings), 2 bad usage, 3 could not run.

  lastcall lint
  lastcall lint --timeline deploy/
  lastcall explain budget/exceeds-grant
`;
}
