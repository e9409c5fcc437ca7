import type { ListedOption } from "../option-list.js";

/** The options of `lastcall lint`, in the order in which they are listed. */
export const LINT_OPTIONS: readonly ListedOption[] = [
  {
    name: "--app",
    value: "FOLDER",
    group: "what to examine",
    help: "where the program is that the images run, where the files do not say it",
  },
  { name: "--strict", group: "what to examine", help: "warnings fail it too" },
  {
    name: "--timeline",
    group: "output",
    help: "draws each workload's stop, with or without findings",
  },
  { name: "--fix", group: "output", help: "makes the edits that are one value and safe" },
  {
    name: "--dry-run",
    group: "output",
    help: "with --fix: prints them as a diff, and writes nothing",
  },
  { name: "--json", group: "output", help: "prints the result as JSON" },
  { name: "--sarif", value: "FILE", group: "output", help: "writes the findings as SARIF 2.1.0" },
  { name: "--junit", value: "FILE", group: "output", help: "writes the findings as JUnit XML" },
  { name: "--help", group: "output", help: "prints this" },
];
