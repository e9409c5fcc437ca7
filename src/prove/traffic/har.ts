import { isOwnHeader, parseHeader, type Header } from "../request/header.js";
import type { RequestTemplate } from "../request/request.js";
import { parseJson } from "./json.js";
import { TrafficError, type Traffic, type TrafficRequest } from "./traffic.js";
import { readPath } from "./url.js";

/** What the browser sent for itself: the load's connection has another host, coding and cache. */
const BROWSER_OWN =
  /^(?:host|accept-encoding|if-none-match|if-modified-since|priority|:.*|sec-.*)$/iu;

type Json = Readonly<Record<string, unknown>>;

/**
 * Reads a recording, HAR 1.2. Its first request names the service; those to other origins are left
 * out. Equal requests become one, which weighs as much as they are many. Throws TrafficError.
 */
export async function readHar(file: string, text: string): Promise<Traffic> {
  const reader = new HarReader(parseJson(file, text));
  try {
    return reader.read(file);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new TrafficError(file, await findLine(text, error.path), error.message);
  }
}

/** Where the recording is not one. Its line is looked for only then. */
class Fault extends Error {
  readonly path: readonly (string | number)[];

  constructor(path: readonly (string | number)[], expected: string, got: unknown) {
    const shown = got === undefined ? "nothing" : `\`${JSON.stringify(got).slice(0, 60)}\``;
    super(`Expected ${expected}, got ${shown}`);
    this.path = path;
  }
}

async function findLine(text: string, path: readonly (string | number)[]): Promise<number> {
  const { findLineOf } = await import("./yaml.js");
  return findLineOf(text, path);
}

class HarReader {
  readonly #har: unknown;
  /** By everything that makes two requests equal. */
  readonly #found = new Map<string, { template: RequestTemplate; count: number }>();
  #origin: string | undefined;
  #foreign = 0;

  constructor(har: unknown) {
    this.#har = har;
  }

  read(file: string): Traffic {
    const entries = asObject(
      asObject(this.#har, [], "a recording with `log`").log,
      ["log"],
      "an object",
    ).entries;
    const path = ["log", "entries"] as const;
    if (!Array.isArray(entries)) throw new Fault(path, "a list of entries", entries);
    for (const [at, entry] of entries.entries()) this.#take(entry, [...path, at]);
    if (this.#found.size === 0) throw new Fault(path, "an entry with an HTTP request", entries);
    const count = String(this.#foreign);
    const notes =
      this.#foreign === 0
        ? []
        : [`${file}: left out ${count} requests that did not go to ${String(this.#origin)}`];
    return { file, requests: [...this.#found.values()].map(weigh), notes };
  }

  #take(entry: unknown, path: readonly (string | number)[]): void {
    const request = asObject(
      asObject(entry, path, "an entry").request,
      [...path, "request"],
      "a request",
    );
    const at = (key: string): (string | number)[] => [...path, "request", key];
    const { method, url } = request;
    if (typeof method !== "string" || !/^[A-Z]+$/u.test(method))
      throw new Fault(at("method"), "a method", method);
    if (typeof url !== "string" || !URL.canParse(url)) throw new Fault(at("url"), "a URL", url);
    const { origin, protocol } = new URL(url);
    if (protocol !== "http:" && protocol !== "https:") return;
    this.#origin ??= origin;
    if (origin !== this.#origin) {
      this.#foreign += 1;
      return;
    }
    const body = readPostData(request.postData);
    const headers = addType(readHeaders(request.headers, at("headers")), body);
    const template = { method, path: readPath(url) ?? "/", body: body.text, headers };
    const key = JSON.stringify(template);
    const count = (this.#found.get(key)?.count ?? 0) + 1;
    this.#found.set(key, { template, count });
  }
}

function weigh({ template, count }: { template: RequestTemplate; count: number }): TrafficRequest {
  const [path = ""] = template.path.split("?");
  return { template: { ...template, weight: count }, paths: [path] };
}

function asObject(value: unknown, path: readonly (string | number)[], what: string): Json {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Json;
  throw new Fault(path, what, value);
}

function readHeaders(fields: unknown, path: readonly (string | number)[]): Header[] {
  if (fields === undefined) return [];
  if (!Array.isArray(fields)) throw new Fault(path, "a list of header fields", fields);
  return fields.flatMap((field, at) => {
    const { name, value } = asObject(field, [...path, at], "a header field");
    if (typeof name !== "string")
      throw new Fault([...path, at], "a header field with a name", field);
    if (isOwnHeader(name) || BROWSER_OWN.test(name)) return [];
    const header = parseHeader(`${name}: ${String(value)}`);
    if (header === undefined) throw new Fault([...path, at], "a header field", field);
    return [header];
  });
}

/** HAR 1.2: a text, or the parameters of a form. */
function readPostData(data: unknown): { text: string; type: string | undefined } {
  const { text, params, mimeType } = (data ?? {}) as Json;
  const type = typeof mimeType === "string" && mimeType !== "" ? mimeType : undefined;
  if (typeof text === "string" && text !== "") return { text, type };
  const form = new URLSearchParams();
  for (const { name = "", value = "" } of Array.isArray(params) ? (params as Field[]) : []) {
    form.append(name, value);
  }
  return { text: form.toString(), type };
}

interface Field {
  readonly name?: string;
  readonly value?: string;
}

/** A recording without the field still says in `postData` what was sent. */
function addType(
  headers: readonly Header[],
  { text, type }: { text: string; type: string | undefined },
): readonly Header[] {
  const isSaid = headers.some(([name]) => name.toLowerCase() === "content-type");
  return isSaid || type === undefined || text === ""
    ? headers
    : [...headers, ["Content-Type", type]];
}
