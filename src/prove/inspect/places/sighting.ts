// places/: which line of the service's own source made a thing, source maps applied.
import fs from "node:fs/promises";
import type { ResourceKind } from "../../facts/inspection.js";
import type { Resource } from "../protocol.js";
import { shortenPath, type Place, type Placer } from "./place.js";
import type { SourceLocation } from "../../../findings/finding.js";

/** Something of the service's own doing that lives on behalf of a request. */
export interface Sighting {
  readonly kind: ResourceKind;
  /** The call that made it: `setTimeout`, `http.get`, `pg Pool.query`. */
  readonly what: string;
  readonly request: string;
  /** `now()` */
  readonly madeAt: number;
  readonly isOver: boolean;
  /** The way through the call's own code to where it was made. */
  readonly way: string;
  readonly source: SourceLocation;
  /** The service's own lines that led there, from the inside out. */
  readonly callers: readonly SourceLocation[];
}

/** The line that is to blame, and the call it made. */
interface Blame {
  readonly call: Place;
  /** From what Node did for the call to the call itself. */
  readonly inner: readonly Place[];
  /** From the line that made the call outwards. */
  readonly outer: readonly Place[];
}

interface Rule {
  readonly kind: ResourceKind;
  /** The modules of Node whose calls make it. */
  readonly modules: RegExp;
  /** Whether it lasts no longer than one call, so that a package's one tells of that call. */
  readonly isPerCall?: boolean;
}

const FILES = /^node:(fs|fs\/promises|internal\/fs\/.*)$/;
const HTTP = /^node:(https?|_http_client|internal\/deps\/undici\/undici|internal\/bootstrap\/.*)$/;
const TIMERS = /^node:timers(\/promises)?$/;
const FETCH = "node:internal/deps/undici/undici";

const RULES: Readonly<Record<string, Rule>> = {
  Timeout: { kind: "timer", modules: TIMERS },
  Immediate: { kind: "timer", modules: TIMERS },
  // Of sockets only those that the service opened itself: a package's one may well serve others.
  TCPWRAP: { kind: "socket", modules: /^node:(net|_?tls(_wrap)?)$/ },
  PIPEWRAP: { kind: "socket", modules: /^node:net$/ },
  ChildProcess: { kind: "process", modules: /^node:child_process$/ },
  Worker: { kind: "worker", modules: /^node:internal\/worker$/ },
  FSREQCALLBACK: { kind: "file", modules: FILES },
  FSEVENTWRAP: { kind: "file", modules: FILES },
  STATWATCHER: { kind: "file", modules: FILES },
  FileStream: { kind: "file", modules: FILES },
  ClientRequest: { kind: "request", modules: HTTP, isPerCall: true },
  UndiciRequest: { kind: "request", modules: HTTP, isPerCall: true },
};

/**
 * Says what a resource is to the person who wrote the service. Undefined for what is not the doing of
 * one of its lines: frameworks, pools and Node itself keep much alive that belongs to no line of it.
 */
export function sight(resource: Resource, placer: Placer): Sighting | undefined {
  const stacks = resource.stacks.map((frames) => frames.map((frame) => placer.place(frame)));
  const blame = findBlame(stacks, resource.type === "PROMISE");
  if (blame === undefined) return undefined;
  const kind = resource.type === "PROMISE" ? judgePromise(blame) : judgeResource(resource, blame);
  if (kind === undefined) return undefined;
  const [source, ...callers] = locate(blame.outer);
  if (source === undefined) return undefined;
  const { request, madeAt, isOver } = resource;
  const way = blame.inner.map(({ file, line, column }) => `${file}:${line}:${column}`).join(" ");
  return { kind, what: nameCall(blame.call), request, madeAt, isOver, way, source, callers };
}

/**
 * Finds the service's own line. What Node makes in a later turn has only Node on its stack: then that
 * turn's own beginning tells. A promise is not followed so far: of a chain of them the first counts.
 */
function findBlame(stacks: readonly (readonly Place[])[], isPromise: boolean): Blame | undefined {
  const searched = isPromise ? stacks.slice(0, 1) : stacks;
  const stack = searched.find((places) => places.some(({ owner }) => owner !== "node"));
  const at = stack?.findIndex(({ owner }) => owner === "service") ?? -1;
  if (stack === undefined || at <= 0) return undefined;
  const inner = stack.slice(0, at);
  const owner = inner.at(-1)?.owner;
  // Between a package and the service Node stands where an event was told: nothing was called.
  if (owner === "node" && inner.some((place) => place.owner === "package")) return undefined;
  const call = inner.findLast((place) => place.owner === owner && place.name !== null);
  return call === undefined ? undefined : { call, inner, outer: stack.slice(at) };
}

function judgeResource({ type }: Resource, { call }: Blame): ResourceKind | undefined {
  const rule = RULES[type];
  if (rule === undefined) return undefined;
  const isMeant = call.owner === "node" ? rule.modules.test(call.file) : rule.isPerCall === true;
  return isMeant ? rule.kind : undefined;
}

/** Of Node's own promises those behind which no resource of its own would show. */
function judgePromise({ call, inner }: Blame): ResourceKind | undefined {
  if (call.owner === "package") return "call";
  if (inner.some(({ file }) => file === FETCH)) return "request";
  return FILES.test(call.file) && isFileCall(call) ? "file" : undefined;
}

/** Not the steps of which Node makes such a call. */
function isFileCall({ name, type }: Place): boolean {
  return type === "FileHandle" || (name !== null && name in fs);
}

// Known without their module, or named after a file of Node's own.
const GLOBAL = /^node:(timers|timers\/promises|internal\/.*|_.*)$/;

function nameCall({ owner, package: name, file, name: method, type }: Place): string {
  const called = (method ?? "").replace(/^Object\./, "");
  if (owner === "node") {
    if (file === "node:internal/worker") return "new Worker";
    if (file.startsWith("node:internal/fs/")) return `fs.${called}`;
    return GLOBAL.test(file) ? called : `${file.slice("node:".length).replace("/", ".")}.${called}`;
  }
  const isMethod = type !== null && type !== "Object" && !called.includes(".");
  return `${name ?? ""} ${isMethod ? `${type}.` : ""}${called}`;
}

/** Lines of the service, each with the nearest named function of its file. */
function locate(places: readonly Place[]): SourceLocation[] {
  return places.flatMap((place, index) => {
    if (place.owner !== "service") return [];
    const { file, line, column } = place;
    const named = places.slice(index).find((other) => other.file !== file || other.name !== null);
    const name = named?.file === file ? named.name : null;
    return [{ file: shortenPath(file), line, column, in: name }];
  });
}
