import { spawn, spawnSync } from "node:child_process";

export interface Ran {
  code: number | null;
  stdout: string;
}

/** Why a test that needs a command is skipped; false where the command is there. */
export function missing(command: string, from: string): string | false {
  const { error } = spawnSync(command, ["--version"]);
  return error !== undefined && `\`${command}\` is missing (package ${from})`;
}

/** Runs a command to its end. */
export function run(command: string, args: readonly string[]): Promise<Ran> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "ignore"] });
  let stdout = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout }));
  });
}
