#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import type { Io } from "./io.js";
import { runProve } from "./prove.js";
import { suggest } from "./suggest.js";
import { EXIT, UsageError } from "./usage.js";

type Command = (args: readonly string[], io: Io) => Promise<number>;

const COMMANDS: ReadonlyMap<string, Command> = new Map([["prove", runProve]]);

const HELP = `Usage: lastcall <command>

Commands:
  prove   start a service, load it, stop it, and say what happened to every request

  --help      print this, or a command's own help
  --version   print the version
`;

async function main(args: readonly string[], io: Io): Promise<number> {
  const [name, ...rest] = args;
  if (name === "--help" || name === "-h" || name === "help") io.stdout.write(HELP);
  else if (name === "--version" || name === "-v") io.stdout.write(`${readVersion()}\n`);
  else return findCommand(name)(rest, io);
  return EXIT.clean;
}

function findCommand(name: string | undefined): Command {
  const known = [...COMMANDS.keys()];
  const command = name === undefined ? undefined : COMMANDS.get(name);
  if (command !== undefined) return command;
  if (name === undefined)
    throw new UsageError(`Expected a command (${known.join(", ")}), got none`);
  const near = suggest(name, known);
  const hint = near === undefined ? "see `lastcall --help`" : `did you mean \`${near}\`?`;
  throw new UsageError(`Expected a command (${known.join(", ")}), got \`${name}\`: ${hint}`);
}

function readVersion(): string {
  const file = new URL("../../package.json", import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}

try {
  process.exitCode = await main(process.argv.slice(2), process);
} catch (error) {
  // A bug of lastcall's own must not exit with 1, which blames what was examined.
  const isUsage = error instanceof UsageError;
  process.stderr.write(`lastcall: ${isUsage ? error.message : inspect(error)}\n`);
  process.exitCode = isUsage ? EXIT.usage : EXIT.cannot;
}
