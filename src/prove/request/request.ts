// request/: one request: its text and bytes, its fields, where it goes, and what it expects.
import { takeLeadingDirectives } from "./directives.js";
import type { Expectation } from "./expectation.js";
import { fill } from "./fill.js";
import { replaceHeaders, type Header } from "./header.js";

/** One request of the load, as written on the command line: `POST /orders {"id":"{{id}}"}`. */
export interface RequestTemplate {
  readonly method: string;
  /** Origin form, with query. `{{id}}` is replaced by the request's id, and what else fill.ts knows. */
  readonly path: string;
  /** `{{id}}` is replaced by the request's id. Empty when there is none. */
  readonly body: string;
  /** Fields in place of the load's own of the same name. `{{id}}` is replaced. Default: none. */
  readonly headers?: readonly Header[];
  /** How often it is sent in a round of its list. Default: 1. */
  readonly weight?: number;
  /** What its answer has to be. Default: any status below 500. */
  readonly expect?: Expectation | undefined;
}

// RFC 9110 §5.6.2 token; the path is any visible ASCII, as a request line cannot hold a space.
// A placeholder may hold one.
const SHAPE =
  /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) (\/(?:\{\{\$randomInt[ \d-]*\}\}|[!-~])*)(?: (.+))?$/su;

/**
 * Reads `[@directive value …] METHOD /path [body]`. Returns undefined when the text does not have
 * that form.
 */
export function parseRequest(text: string): RequestTemplate | undefined {
  try {
    const { directives, rest } = takeLeadingDirectives(text);
    const match = SHAPE.exec(rest);
    if (match === null) return undefined;
    const request = { method: match[1] ?? "", path: match[2] ?? "", body: match[3] ?? "" };
    return rest === text ? request : { ...request, ...directives };
  } catch {
    return undefined;
  }
}

/** Reads `/path`, which stands for `GET /path`. Returns undefined when it is not one. */
export function parsePath(text: string): RequestTemplate | undefined {
  const request = parseRequest(`GET ${text}`);
  return request?.body === "" ? request : undefined;
}

export interface EncodeOptions {
  readonly id: string;
  /** What the client calls the service: `127.0.0.1:3000`. */
  readonly authority: string;
  /** Whether the client announces that this is the connection's only request. */
  readonly close: boolean;
  /** Length of a body sent separately; replaces the template's own body. */
  readonly uploadBytes?: number;
  /** Further header fields. */
  readonly fields?: readonly Header[];
}

/** The request's path with its id filled in. */
export function fillPath(template: RequestTemplate, id: string): string {
  return fill(template.path, id);
}

/** The bytes of a request: its head, and its body unless that is sent separately. */
export function encodeRequest(template: RequestTemplate, options: EncodeOptions): Buffer {
  const { id, authority, uploadBytes, fields = [], close } = options;
  const body = uploadBytes === undefined ? fillBody(template, id) : "";
  const content =
    uploadBytes === undefined ? describeBody(template, body) : describeUpload(uploadBytes);
  const head = [
    ...listFields(template, { id, authority, fields: [...content, ...fields] }),
    ...(close ? [["Connection", "close"] as const] : []),
  ];
  const lines = head.map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(
    `${template.method} ${fillPath(template, id)} HTTP/1.1\r\n${lines.join("")}\r\n${body}`,
  );
}

/** The fields of a request in any protocol: the load's, and in their place the template's own. */
export function listFields(
  template: RequestTemplate,
  { id, authority, fields }: { id: string; authority: string; fields: readonly Header[] },
): readonly Header[] {
  const every: readonly Header[] = [
    ["Host", authority],
    ["User-Agent", "lastcall-prove"],
    ["Accept", "*/*"],
    ["X-Request-Id", id],
  ];
  const given = (template.headers ?? []).map(([name, value]): Header => [name, fill(value, id)]);
  return replaceHeaders(replaceHeaders(every, fields), given);
}

/** The body's text with the request's id filled in. */
export function fillBody(template: RequestTemplate, id: string): string {
  return fill(template.body, id);
}

function describeUpload(bytes: number): readonly Header[] {
  return [
    ["Content-Type", "application/octet-stream"],
    ["Content-Length", String(bytes)],
  ];
}

/** What is said of a body. */
export function describeBody({ method }: RequestTemplate, body: string): readonly Header[] {
  if (body === "") {
    // RFC 9110 §8.6: a method that expects content should say that there is none.
    return /^(POST|PUT|PATCH)$/.test(method) ? [["Content-Length", "0"]] : [];
  }
  return [
    ["Content-Type", typeOfBody(body)],
    ["Content-Length", String(Buffer.byteLength(body))],
  ];
}

/** JSON when it looks like it, text otherwise. */
function typeOfBody(body: string): string {
  return /^[[{]/.test(body) ? "application/json" : "text/plain";
}
