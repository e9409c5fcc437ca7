import type { Arguments } from "../../arguments.js";
import type { Io } from "../../io.js";
import { UnwrittenError } from "../../usage.js";
import { createAnnotationsOutput, createSummaryOutput } from "./github.js";
import { createHtmlOutput } from "./html.js";
import { createJsonOutput } from "./json.js";
import { createJunitOutput } from "./junit.js";
import { createLedgerOutput } from "./ledger.js";
import { openFile, type OutputFile } from "../../open-file.js";
import { refuseSameFile } from "../../same-file.js";
import type { Output } from "./output.js";
import { createSarifOutput } from "./sarif.js";
import { createServiceOutput } from "./service-output.js";
import { createTextOutput } from "./text.js";

const FILES: readonly [string, (file: OutputFile, subject: string) => Output][] = [
  ["--ledger", createLedgerOutput],
  ["--junit", createJunitOutput],
  ["--sarif", createSarifOutput],
  ["--html", createHtmlOutput],
  ["--output", createServiceOutput],
];

/** Opens every place that the options and the environment name. Throws UsageError. */
export async function openOutputs(
  { options }: Arguments,
  subject: string,
  io: Io,
): Promise<Output> {
  refuseSameFile(
    FILES.map(([option]) => option),
    options,
  );
  const isJson = options.has("--json");
  const outputs = [isJson ? createJsonOutput(io) : createTextOutput(io)];
  const { GITHUB_ACTIONS, GITHUB_STEP_SUMMARY } = process.env;
  if (GITHUB_ACTIONS === "true") {
    outputs.push(createAnnotationsOutput(isJson ? io.stderr : io.stdout));
  }
  if (GITHUB_STEP_SUMMARY !== undefined && GITHUB_STEP_SUMMARY !== "") {
    outputs.push(createSummaryOutput(GITHUB_STEP_SUMMARY, io));
  }
  for (const [option, create] of FILES) {
    const path = options.get(option)?.[0];
    if (path !== undefined) outputs.push(create(await openFile(option, path), subject));
  }
  return joinOutputs(outputs);
}

function joinOutputs(outputs: readonly Output[]): Output {
  return {
    onRequest: (row) => {
      for (const output of outputs) output.onRequest?.(row);
    },
    onOutput: (line) => {
      for (const output of outputs) output.onOutput?.(line);
    },
    writeResult: (result) => {
      for (const output of outputs) output.writeResult(result);
    },
    writeError: (error) => {
      for (const output of outputs) output.writeError(error);
    },
    close: async () => {
      // Each is closed, also when another could not be written, and each that could not is named.
      const closed = await Promise.allSettled(outputs.map(async (output) => output.close?.()));
      const failures = closed.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
      const other = failures.find((failure) => !(failure instanceof UnwrittenError));
      if (other !== undefined) throw other;
      const messages = failures.map((failure) => (failure as UnwrittenError).message);
      if (messages.length > 0) throw new UnwrittenError(messages.join("; "));
    },
  };
}
