// application/: what a program's sources say of its stop: the call of lastcall(), its listeners, its server's times.
import type { Project } from "../files/project.js";
import type { Application, LastcallCall } from "../model/application.js";
import type { Spot } from "../source/source.js";
import { numberOf, textOf } from "../source/tree.js";
import { given, type Value } from "../source/value.js";
import { readCall, type Environment } from "./call.js";
export type { Environment } from "./call.js";
import { readSources, type ProgramFile, type Sources } from "./sources.js";

/** How a program is started. */
export interface Start {
  readonly folder: string;
  /** From the root; null where it is not in the tree. */
  readonly entry: string | null;
  /** Modules that are loaded before it: `lastcall/auto`. */
  readonly preloads: readonly { readonly text: string; readonly spot: Spot }[];
  readonly environment: Environment;
}

/** Reads a program. */
export function readApplication(
  project: Project,
  { folder, entry, preloads, environment }: Start,
): Application {
  const sources = entry === null ? NOTHING : readSources(project, entry);
  return {
    folder,
    entry,
    isComplete: entry !== null && sources.isComplete,
    packages: sources.packages,
    listeners: findListeners(sources.files),
    lastcall:
      findAuto(preloads, sources.files, environment) ?? findCall(sources.files, environment),
    keepAlive: findKeepAlive(sources.files),
    listens: findListen(sources.files),
    mayWait: sources.files.some(({ script }) =>
      script.calls.some(({ callee }) => WAITS.test(callee)),
    ),
    isNode: true,
  };
}

const NOTHING: Sources = { files: [], packages: new Set(), isComplete: false };

function findAuto(
  preloads: Start["preloads"],
  files: readonly ProgramFile[],
  environment: Environment,
): LastcallCall | null {
  const spots = [
    ...preloads.filter(({ text }) => text === "lastcall/auto").map(({ spot }) => spot),
    ...listImports(files, "lastcall/auto"),
  ];
  const [spot] = spots;
  const mode = environment.get("LASTCALL_MODE");
  if (spot === undefined || (mode !== undefined && mode.value !== "drain")) return null;
  return readCall(spot, undefined, environment);
}

function listImports(files: readonly ProgramFile[], specifier: string): Spot[] {
  return files.flatMap(({ script }) =>
    script.imports.filter((one) => one.specifier === specifier).map(({ spot }) => spot),
  );
}

/** The call of what an import from `lastcall` is bound to. */
export function findCall(
  files: readonly ProgramFile[],
  environment: Environment,
): LastcallCall | null {
  for (const { script } of files) {
    const bindings = script.imports
      .filter(({ specifier }) => specifier === "lastcall")
      .flatMap((one) => one.bindings);
    const names = bindings.flatMap(({ imported, local }) => {
      if (imported === "lastcall") return [local];
      return imported === "*" || imported === "default" ? [`${local}.lastcall`] : [];
    });
    const call = script.calls.find(({ callee }) => names.includes(callee));
    if (call !== undefined) return readCall(call.spot, call.args[0], environment);
  }
  return null;
}

const ON = /^process\.(?:on|once|addListener|prependListener|prependOnceListener)$/;

/** Null where a listener's name is no literal: `for (const signal of signals) process.on(signal, …)` of a list that is not. */
function findListeners(files: readonly ProgramFile[]): ReadonlyMap<string, Spot> | null {
  const listeners = new Map<string, Spot>();
  for (const { script } of files) {
    for (const { callee, args, spot } of script.calls) {
      if (!ON.test(callee)) continue;
      const name = textOf(args[0]);
      if (name === undefined) return null;
      listeners.set(name, spot);
    }
  }
  return listeners;
}

const WAITS = /(?:^|\.)(?:setTimeout|sleep|delay|wait|createTerminus|createLightship)$/;

function findListen(files: readonly ProgramFile[]): Spot | null {
  const calls = files.flatMap(({ script }) => script.calls);
  return calls.find(({ callee }) => callee.endsWith(".listen"))?.spot ?? null;
}

function findKeepAlive(files: readonly ProgramFile[]): Value<number> | null {
  for (const { script } of files) {
    for (const { target, value } of script.assignments) {
      if (!target.endsWith(".keepAliveTimeout")) continue;
      const time = numberOf(value);
      return time === undefined ? null : given("keepAliveTimeout", time, value.spot);
    }
  }
  return null;
}
