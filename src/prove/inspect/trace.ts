import { findSourceMap } from "node:module";
import { fileURLToPath } from "node:url";
import type { Frame } from "./protocol.js";

/** A stack as V8 keeps it: formatted only when it is read, which for most is never. */
export interface Trace {
  readonly stack?: unknown;
}

// Room for Node's own frames, and for a framework's, above the service's.
const DEPTH = 60;

// The preload itself, and what Node puts between it and the call: neither is to blame for anything.
const OWN = new URL(".", import.meta.url).href;
const HOOKS = "node:internal/async_hooks";

/** Takes the stack. The service's own settings stay as they are. */
export function takeTrace(): Trace {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = DEPTH;
  const trace: Trace = {};
  Error.captureStackTrace(trace);
  Error.stackTraceLimit = limit;
  return trace;
}

/** The frames of a stack, innermost first; those without a file are V8's own. */
export function readFrames(trace: Trace): Frame[] {
  const theirs = Object.getOwnPropertyDescriptor(Error, "prepareStackTrace");
  Error.prepareStackTrace = (_error, sites) => sites;
  try {
    const sites = trace.stack as NodeJS.CallSite[];
    return Array.isArray(sites) ? sites.flatMap((site) => describeSite(site)) : [];
  } finally {
    if (theirs === undefined) Reflect.deleteProperty(Error, "prepareStackTrace");
    else Object.defineProperty(Error, "prepareStackTrace", theirs);
  }
}

function describeSite(site: NodeJS.CallSite): Frame[] {
  const file = site.getFileName();
  if (file === null || file === undefined || file.startsWith(OWN) || file === HOOKS) return [];
  const place = { file, line: site.getLineNumber() ?? 1, column: site.getColumnNumber() ?? 1 };
  return [{ name: site.getFunctionName(), type: nameType(site), ...applyMap(place) }];
}

function nameType(site: NodeJS.CallSite): string | null {
  try {
    return site.getTypeName();
  } catch {
    // A proxy, or an object whose constructor throws when it is asked for its name.
    return null;
  }
}

type Place = Pick<Frame, "file" | "line" | "column">;

/** Only this process knows the map of a file that it compiled itself, as tsx does. */
function applyMap(place: Place): Place & { isMapped: boolean } {
  const entry = findSourceMap(place.file)?.findEntry(place.line - 1, place.column - 1);
  if (entry === undefined || !("originalSource" in entry)) return { ...place, isMapped: false };
  const { originalSource, originalLine, originalColumn } = entry;
  const file = originalSource.startsWith("file:") ? fileURLToPath(originalSource) : originalSource;
  return { file, line: originalLine + 1, column: originalColumn + 1, isMapped: true };
}
