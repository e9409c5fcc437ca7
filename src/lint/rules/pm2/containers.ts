import type { Word } from "../../model/command.js";
import type { Deployment } from "../../model/deployment.js";
import type { Workload } from "../../model/workload.js";
import { listStarted } from "../signal/started.js";

/** A container whose first process is PM2, with a program and no ecosystem file. */
export interface Contained {
  readonly workload: Workload;
  /** The program's file. */
  readonly program: Word;
}

/** `pm2-runtime server.js`: nothing there says how long it waits, unless `PM2_KILL_TIMEOUT` does. */
export function listContained(deployment: Deployment): readonly Contained[] {
  return listStarted(deployment).flatMap(({ workload, chain }) => {
    const [runner] = chain.links.filter(({ kind }) => kind === "runner");
    if (runner?.kind !== "runner" || !isWaiting(runner.name, runner.words)) return [];
    const { environment, image } = workload;
    const isSet = [environment, image?.environment].some((one) => one?.has("PM2_KILL_TIMEOUT"));
    const program = runner.words.slice(1).find(({ text }) => PROGRAM.test(text));
    return program === undefined || isSet ? [] : [{ workload, program }];
  });
}

// An ecosystem file has settings of its own.
const PROGRAM = /^(?!-)(?!.*(?:ecosystem|pm2|processe?s?\.|\.config\.)).*\.[cm]?js$/;

function isWaiting(name: string, words: readonly Word[]): boolean {
  const texts = words.map(({ text }) => text);
  if (texts.some((text) => /^--(?:kill-timeout|watch)\b/.test(text))) return false;
  return (
    name === "pm2-runtime" ||
    name === "pm2-docker" ||
    (name === "pm2" && texts.includes("--no-daemon"))
  );
}
