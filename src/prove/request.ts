/** One request of the load, as written on the command line: `POST /orders {"id":"{{id}}"}`. */
export interface RequestTemplate {
  readonly method: string;
  /** Origin form, with query. `{{id}}` is replaced by the request's id. */
  readonly path: string;
  /** `{{id}}` is replaced by the request's id. Empty when there is none. */
  readonly body: string;
}

// RFC 9110 §5.6.2 token; the path is any visible ASCII, as a request line cannot hold a space.
const SHAPE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) (\/[!-~]*)(?: (.+))?$/su;

/** Reads `METHOD /path [body]`. Returns undefined when the text does not have that form. */
export function parseRequest(text: string): RequestTemplate | undefined {
  const match = SHAPE.exec(text);
  if (match === null) return undefined;
  return { method: match[1] ?? "", path: match[2] ?? "", body: match[3] ?? "" };
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
  /** Further header lines. */
  readonly fields?: readonly string[];
}

/** The request's path with its id filled in. */
export function fillPath(template: RequestTemplate, id: string): string {
  return template.path.replaceAll("{{id}}", id);
}

/** The bytes of a request: its head, and its body unless that is sent separately. */
export function encodeRequest(template: RequestTemplate, options: EncodeOptions): Buffer {
  const body = options.uploadBytes === undefined ? fillBody(template, options.id) : undefined;
  const lines = [
    `${template.method} ${fillPath(template, options.id)} HTTP/1.1`,
    `Host: ${options.authority}`,
    "User-Agent: lastcall-prove",
    "Accept: */*",
    `X-Request-Id: ${options.id}`,
    ...describeBody(template, body, options.uploadBytes),
    ...(options.fields ?? []),
  ];
  if (options.close) lines.push("Connection: close");
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n${body ?? ""}`);
}

/** The body's text with the request's id filled in. */
export function fillBody(template: RequestTemplate, id: string): string {
  return template.body.replaceAll("{{id}}", id);
}

function describeBody(
  template: RequestTemplate,
  body: string | undefined,
  uploadBytes: number | undefined,
): string[] {
  if (uploadBytes !== undefined) {
    return ["Content-Type: application/octet-stream", `Content-Length: ${String(uploadBytes)}`];
  }
  if (body === undefined || body === "") {
    // RFC 9110 §8.6: a method that expects content should say that there is none.
    return /^(POST|PUT|PATCH)$/.test(template.method) ? ["Content-Length: 0"] : [];
  }
  const length = String(Buffer.byteLength(body));
  return [`Content-Type: ${typeOfBody(body)}`, `Content-Length: ${length}`];
}

/** JSON when it looks like it, text otherwise. */
export function typeOfBody(body: string): string {
  return /^[[{]/.test(body) ? "application/json" : "text/plain";
}
