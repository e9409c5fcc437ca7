import type { OptionSpec } from "./arguments.js";

/** The options that say what is proved when it is not a command after `--`. */
export const POINTING_OPTIONS: readonly OptionSpec[] = [
  { name: "--pid", value: "N", help: "a process that runs already, to be signalled" },
  {
    name: "--signal-with",
    value: "'COMMAND'",
    help: "a shell command that makes it stop, in place of the signal",
  },
  { name: "--during", value: "'COMMAND'", help: "a shell command to run under load" },
  {
    name: "--url",
    value: "URL",
    help: "where it listens; a path is the request (with --pid: the one port it has)",
  },
  { name: "--tail", value: "TIME", help: "load after the end of --during (5s)" },
  { name: "--kill", help: "ends the process of --pid at the end of its grace period" },
  { name: "--insecure", help: "does not check the certificate of an https URL" },
  {
    name: "--ca",
    value: "FILE",
    help: "authorities in PEM, in place of Node's; --tls then checks the certificate",
  },
  { name: "--quick", help: "a shorter warmup (300ms), lag (500ms) and grace (5s)" },
];
