/**
 * What a preload does to every program, and so to the many that never serve: it stands before `listen()`, and notes where
 * listeners of signals are registered. Everything else is loaded when the first server listens.
 *
 * @module
 */
import type { ChildProcess } from "node:child_process";
import diagnostics from "node:diagnostics_channel";
import { createRequire } from "node:module";
import net, { type Server } from "node:net";

import { noteRegistrations } from "../process/signals/registrations.js";
import { shared } from "../shared.js";
import type { ProcessWarningCode } from "../process-warning.js";
import type { Part } from "./part.js";
import { standBeforeShells } from "./shells.js";

type Listen = (this: Server, ...args: unknown[]) => Server;

/** Frameworks that listen for signals unless they are told not to: read when they start. */
const SWITCHES = ["NEXT_MANUAL_SIG_HANDLE", "NITRO_SHUTDOWN_DISABLED"] as const;

/** PM2's own process has the workers of other programs. */
const PM2_DAEMON = /[\\/]pm2[\\/]lib[\\/]Daemon\.js$/;

/** Once for the process, whatever number of copies and preloads name it. */
export function install(): void {
  const mode = process.env["LASTCALL_MODE"];
  const installation = shared("auto", () => ({ isDone: false }));
  if (mode === "off" || installation.isDone) return;
  installation.isDone = true;
  try {
    const { LASTCALL_KEEP_LISTENERS: kept } = process.env;
    if (mode !== "observe" && kept === undefined) {
      for (const name of SWITCHES) process.env[name] ??= "true";
    }
    noteRegistrations(new Set(["SIGTERM", "SIGINT"]));
    standBeforeListen();
    if (mode !== "observe") standBeforeShells();
    if (!PM2_DAEMON.test(process.argv[1] ?? "")) hearOfWorkers();
  } catch (thrown) {
    warn(thrown);
  }
}

let part: Part | undefined;
let isLoaded = false;

/** What serves, loaded when it is first needed; undefined where it cannot be, or has no business here. */
function load(): Part | undefined {
  if (isLoaded) return part;
  const require = createRequire(import.meta.url);
  const { isMainThread } = require("node:worker_threads") as { isMainThread: boolean };
  // Once, whatever becomes of it.
  isLoaded = true;
  // No signal reaches a worker thread.
  if (isMainThread) part = (require("./serve.cjs") as { createPart(): Part }).createPart();
  return part;
}

/** Whatever goes wrong here is no business of the program's. */
function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (thrown) {
    warn(thrown);
    return undefined;
  }
}

let hasWarned = false;

function warn(thrown: unknown): void {
  if (hasWarned) return;
  hasWarned = true;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  // Not by its function: one more file would be loaded into every program.
  const code: ProcessWarningCode = "auto-failed";
  process.emitWarning(`lastcall/auto does nothing here: ${message}`, {
    type: "LastcallWarning",
    code,
  });
}

function standBeforeListen(): void {
  const prototype = net.Server.prototype as unknown as { listen: Listen };
  const { listen: before } = prototype;
  prototype.listen = function listen(...args) {
    const isRefused = isOfHttp(this) && attempt(() => load()?.listens(this, args)) === true;
    // Its own method says so, as Node reports any other failure to listen.
    return isRefused ? this.listen(...(args as [])) : Reflect.apply(before, this, args);
  };
}

/** By shape: what the program has not loaded is not loaded for it. */
function isOfHttp(server: object): boolean {
  return "closeIdleConnections" in server || "updateSettings" in server;
}

/** The primary of a cluster has no server of HTTP: its workers say that they serve. */
function hearOfWorkers(): void {
  diagnostics.subscribe("child_process", (message) => {
    const { process: child } = message as { process: ChildProcess };
    child.on("internalMessage", (said: { cmd?: unknown }) => {
      if (said.cmd === "NODE_LASTCALL") attempt(() => load()?.workerSaid(child, said));
    });
  });
}
