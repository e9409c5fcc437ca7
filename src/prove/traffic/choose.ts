import { parseRequest, type RequestTemplate } from "../request/request.js";
import type { Traffic, TrafficRequest } from "./traffic.js";

/** Which requests of files may be sent. */
export interface Allowed {
  /** `POST /orders`; `*` stands for a part of the path, `**` for any rest of it. */
  readonly named: readonly string[];
  /** Whether all may, whatever they do. */
  readonly unsafe: boolean;
}

/** The requests to send, and those that were left out because they were not named. */
export interface Choice {
  readonly requests: readonly RequestTemplate[];
  readonly leftOut: readonly string[];
  /** Names that stand for no request. */
  readonly unmatched: readonly string[];
}

/** RFC 9110 §9.2.1; TRACE is safe too, and no service should answer it. */
const SAFE: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** Whether the text can name requests: `METHOD /path`. */
export function isRequestName(text: string): boolean {
  return parseRequest(text)?.body === "" && !text.startsWith("@");
}

/** Safe requests are sent; the others change something and are sent only when they are named. */
export function chooseRequests(files: readonly Traffic[], { named, unsafe }: Allowed): Choice {
  const all = files.flatMap(({ requests }) => requests);
  const isNamed = (request: TrafficRequest): boolean =>
    named.some((name) => matches(name, request));
  const isSent = (request: TrafficRequest): boolean =>
    unsafe || SAFE.has(request.template.method) || isNamed(request);
  return {
    requests: all.filter(isSent).map(({ template }) => template),
    leftOut: [...new Set(all.filter((request) => !isSent(request)).map(nameOf))],
    unmatched: named.filter((name) => !all.some((request) => matches(name, request))),
  };
}

function nameOf({ template, paths }: TrafficRequest): string {
  return `${template.method} ${paths[0] ?? template.path}`;
}

function matches(name: string, { template, paths }: TrafficRequest): boolean {
  const [method = "", pattern = ""] = name.split(" ");
  if (method !== template.method) return false;
  const source = pattern
    .replaceAll(/[\\^$.+?()[\]{}|]/gu, "\\$&")
    .replaceAll("**", "\0")
    .replaceAll("*", "[^/]*")
    .replaceAll("\0", ".*");
  return paths.some((path) => new RegExp(`^${source}$`, "u").test(path));
}
