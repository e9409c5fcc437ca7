import { CLI_OPTIONS, type CliOption } from "./table.js";

const COLUMN = 26;
const WIDTH = 100;

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
${[...byGroup()].map(([group, options]) => writeGroup(group, options)).join("")}
Exit codes: 0 pass, 1 fail, 2 bad usage, 3 could not run.

  lastcall prove -- node server.js
  lastcall prove --request 'GET /' --request 'POST /orders {"id":"{{id}}"}' -- ./server
  lastcall prove --url https://staging.example --during 'kubectl rollout restart deploy/api'
`;
}

function byGroup(): ReadonlyMap<string, CliOption[]> {
  const groups = new Map<string, CliOption[]>();
  for (const option of CLI_OPTIONS) {
    groups.set(option.group, [...(groups.get(option.group) ?? []), option]);
  }
  return groups;
}

function writeGroup(group: string, options: readonly CliOption[]): string {
  const heading = `${group.charAt(0).toUpperCase()}${group.slice(1)}:`;
  return `\n${heading}\n${options.map(writeOption).join("\n")}\n`;
}

function writeOption(option: CliOption): string {
  const { name, value, isRepeatable, help } = option;
  const left = `  ${name}${value === undefined ? "" : ` ${value}`}${isRepeatable === true ? "…" : ""}`;
  const text = option.default === undefined ? help : `${help} (${option.default})`;
  const right = wrap(text, WIDTH - COLUMN, COLUMN);
  return left.length > COLUMN - 2
    ? `${left}\n${" ".repeat(COLUMN)}${right}`
    : left.padEnd(COLUMN) + right;
}

/** Breaks a text into lines, all of which begin in the same column. */
function wrap(text: string, width: number, column: number): string {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines.at(-1) ?? "";
    if (last !== "" && last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`;
  }
  return lines.join(`\n${" ".repeat(column)}`);
}
