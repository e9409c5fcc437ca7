#!/usr/bin/env node
// cli/: the command `lastcall`: a file or a folder for each of its commands.
import { inspect } from "node:util";
import type { Io } from "./io.js";
import { suggest } from "./suggest.js";
import { EXIT, UnwrittenError, UsageError } from "./usage.js";
import { readVersion } from "./version.js";
import { watchStreams } from "./watch-streams.js";

type Command = (args: readonly string[], io: Io) => Promise<number>;

/** Loaded when they are called for: `lastcall --help` needs none of them. */
const COMMANDS: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ["prove", async () => (await import("./prove/prove.js")).runProve],
  ["lint", async () => (await import("./lint/lint.js")).runLint],
  ["auto", async () => (await import("./auto.js")).runAuto],
  ["explain", async () => (await import("./explain.js")).runExplain],
]);

const HELP = `Usage: lastcall <command>

Commands:
  prove     start a service, load it, stop it, and say what happened to every request
  lint      say where a deployment leaves a stop too little time, or no signal
  auto      say what \`node --import lastcall/auto\` would do with this environment
  explain   print what a finding means, and how to mend it

  --help      print this, or a command's own help
  --version   print the version
`;

async function main(args: readonly string[], io: Io): Promise<number> {
  const [name, ...rest] = args;
  if (name === "--help" || name === "-h" || name === "help") io.stdout.write(HELP);
  else if (name === "--version" || name === "-v") io.stdout.write(`${readVersion()}\n`);
  else return (await findCommand(name))(rest, io);
  return EXIT.clean;
}

function findCommand(name: string | undefined): Promise<Command> {
  const known = [...COMMANDS.keys()];
  const load = name === undefined ? undefined : COMMANDS.get(name);
  if (load !== undefined) return load();
  if (name === undefined)
    throw new UsageError(`Expected a command (${known.join(", ")}), got none`);
  const near = suggest(name, known);
  const hint = near === undefined ? "see `lastcall --help`" : `did you mean \`${near}\`?`;
  throw new UsageError(`Expected a command (${known.join(", ")}), got \`${name}\`: ${hint}`);
}

watchStreams(process);
try {
  process.exitCode = await main(process.argv.slice(2), process);
} catch (error) {
  // A bug of lastcall's own must not exit with 1, which blames what was examined.
  const isUsage = error instanceof UsageError;
  const isExpected = isUsage || error instanceof UnwrittenError;
  process.stderr.write(`lastcall: ${isExpected ? error.message : inspect(error)}\n`);
  process.exitCode = isUsage ? EXIT.usage : EXIT.cannot;
}
