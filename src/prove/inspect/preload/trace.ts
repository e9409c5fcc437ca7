import { findSourceMap } from "node:module";
import { fileURLToPath } from "node:url";
import type { Frame } from "../protocol.js";

/**
 * A stack, innermost frame first, source maps not applied. Not as V8 keeps it until it is read: that holds
 * on to whatever was called, and to the promise that was being made.
 */
export type Trace = readonly Site[];

type Site = Omit<Frame, "isMapped">;

// Room for Node's own frames, and for a framework's, above the service's.
const DEPTH = 60;

// The preload itself, and what Node puts between it and the call: neither is to blame for anything.
const OWN = new URL("..", import.meta.url).href;
const HOOKS = "node:internal/async_hooks";

/** Takes the stack, without the frames that have no file, which are V8's own. The service's own settings stay as they are. */
export function takeTrace(): Trace {
  const limit = Error.stackTraceLimit;
  const theirs = Object.getOwnPropertyDescriptor(Error, "prepareStackTrace");
  Error.stackTraceLimit = DEPTH;
  Error.prepareStackTrace = (_error, sites) => sites;
  try {
    const trace: { readonly stack?: unknown } = {};
    Error.captureStackTrace(trace);
    const sites = trace.stack as NodeJS.CallSite[];
    return Array.isArray(sites) ? sites.flatMap((site) => describeSite(site)) : [];
  } finally {
    Error.stackTraceLimit = limit;
    if (theirs === undefined) Reflect.deleteProperty(Error, "prepareStackTrace");
    else Object.defineProperty(Error, "prepareStackTrace", theirs);
  }
}

/** The frames of a stack, source maps applied. */
export function readFrames(trace: Trace): Frame[] {
  return trace.map((site) => ({ ...site, ...applyMap(site) }));
}

function describeSite(site: NodeJS.CallSite): Site[] {
  const file = site.getFileName();
  if (file === null || file === undefined || file.startsWith(OWN) || file === HOOKS) return [];
  const place = { file, line: site.getLineNumber() ?? 1, column: site.getColumnNumber() ?? 1 };
  return [{ name: site.getFunctionName(), type: nameType(site), ...place }];
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
  if (entry === undefined || !("originalSource" in entry)) {
    const { file, line, column } = place;
    return { file, line, column, isMapped: false };
  }
  const { originalSource, originalLine, originalColumn } = entry;
  const file = originalSource.startsWith("file:") ? fileURLToPath(originalSource) : originalSource;
  return { file, line: originalLine + 1, column: originalColumn + 1, isMapped: true };
}
