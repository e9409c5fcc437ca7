import type { ProveProgress } from "../../prove/index.js";

/** One line on a terminal that is written over; nothing where stderr is not a terminal. */
export interface Progress {
  readonly show: (progress: ProveProgress) => void;
  readonly clear: () => void;
}

const PHASES: Readonly<Record<ProveProgress["phase"], string>> = {
  starting: "starting the service",
  loading: "under load",
  signalled: "signalled, waiting for its exit",
  exited: "exited, reading what is left",
  inspecting: "inspecting what requests leave behind",
  rolling: "the command runs under load",
  tail: "the command has ended, under load a little longer",
};

export function createProgress(stream: NodeJS.WriteStream): Progress {
  if (!stream.isTTY) return { show: () => {}, clear: () => {} };
  return {
    show: (progress) => stream.write(`\r\u001B[K${describe(progress)}`),
    clear: () => stream.write("\r\u001B[K"),
  };
}

function describe({ trial, trials, phase, load }: ProveProgress): string {
  const which = trials === 1 ? "" : `trial ${String(trial)} of ${String(trials)}: `;
  const counts =
    load === null ? "" : ` · ${String(load.ended)} requests, ${String(load.lost)} dropped`;
  return `${which}${PHASES[phase]}${counts}`;
}
