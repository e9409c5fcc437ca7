import type { Header } from "../request/header.js";
import { parseJson } from "./json.js";
import {
  fillPathParameters,
  listParameters,
  readParameters,
  type Parameters,
} from "./parameters.js";
import { Place } from "./place.js";
import { sampleOf } from "./sample.js";
import type { Traffic, TrafficRequest } from "./traffic.js";
import { readPath } from "./url.js";
import { SourceDocument } from "./yaml.js";

const METHODS = ["get", "head", "options", "post", "put", "patch", "delete", "trace"] as const;

/**
 * Reads an OpenAPI 3 document, YAML or JSON: one request for each operation. Parameters and bodies
 * have the document's own examples and defaults, or else what their schemas allow. Throws
 * TrafficError.
 */
export function readOpenApi(file: string, text: string): Traffic {
  // YAML allows more than JSON does; a file in JSON means JSON.
  if (text.trimStart().startsWith("{")) parseJson(file, text);
  const source = new SourceDocument(text);
  source.check(file);
  const root = new Place({ source, file, path: [] }, source.value, "");
  checkVersion(root);
  const notes: string[] = [];
  const paths = root.get("paths")?.parts() ?? [];
  const requests = paths.flatMap((path) =>
    readOperations(root, path, (note) => notes.push(`${file}:${note}`)),
  );
  if (requests.length === 0)
    (root.get("paths") ?? root).fail("Expected at least one operation in `paths`, got none");
  return { file, requests, notes };
}

function checkVersion(root: Place): void {
  const version = root.get("openapi");
  if (typeof version?.value === "string" && version.value.startsWith("3.")) return;
  const old = root.get("swagger");
  const got = version ?? old;
  const shown =
    got === undefined ? "none" : `${old === undefined ? "" : "swagger "}\`${String(got.value)}\``;
  (got ?? root).fail(`Expected \`openapi: 3.…\`, got ${shown}`);
}

function readOperations(
  root: Place,
  path: Place,
  onNote: (note: string) => void,
): TrafficRequest[] {
  return METHODS.flatMap((method) => {
    const operation = path.get(method);
    if (operation === undefined) return [];
    const base = readBase(operation.get("servers") ?? path.get("servers") ?? root.get("servers"));
    const parameters = readParameters(path, operation);
    const body = readRequestBody(operation.get("requestBody"));
    if (body === undefined) {
      const what = `${method.toUpperCase()} ${path.key}`;
      onNote(
        `${String(operation.line)}: left out ${what}, whose body is neither JSON, a form nor text`,
      );
      return [];
    }
    return [describe({ method, path, base, operation, parameters, body })];
  });
}

interface Operation {
  readonly method: string;
  readonly path: Place;
  readonly base: string;
  readonly operation: Place;
  readonly parameters: Parameters;
  readonly body: Body;
}

function describe({ method, path, base, operation, parameters, body }: Operation): TrafficRequest {
  const { key } = path;
  const filled = fillPathParameters(operation, key, parameters);
  const query = listParameters(parameters, "query").join("&");
  const cookies = listParameters(parameters, "cookie").join("; ");
  const headers: Header[] = [
    ...body.headers,
    ...parameters.headers,
    ...(cookies === "" ? [] : [["Cookie", cookies] as const]),
  ];
  const target = `${base}${filled}${query === "" ? "" : `?${query}`}`;
  const template = {
    method: method.toUpperCase(),
    path: readPath(target) ?? operation.fail(`Expected a path, got \`${target}\``),
    body: body.text,
    headers,
  };
  const [plain = ""] = template.path.split("?");
  return { template, paths: [key, `${base}${key}`, plain] };
}

/** The path of the first server, with its variables' defaults. The load knows its host already. */
function readBase(servers: Place | undefined): string {
  const server = servers?.get(0);
  const url = server?.text("url");
  if (server === undefined || url === undefined) return "";
  const filled = url.replace(/\{([^{}]+)\}/gu, (_place, name: string) => {
    const value = server.get("variables")?.get(name)?.get("default")?.value;
    if (value === undefined) server.fail(`Expected server variable \`${name}\` to have a default`);
    return String(value);
  });
  const path =
    readPath(filled) ?? server.fail(`Expected a server URL of http or https, got \`${filled}\``);
  return path.replace(/\/$/u, "");
}

interface Body {
  readonly text: string;
  readonly headers: readonly Header[];
}

/** Undefined for a kind of content that cannot be made up. */
function readRequestBody(body: Place | undefined): Body | undefined {
  if (body === undefined) return { text: "", headers: [] };
  const kinds = body.get("content")?.parts() ?? [];
  for (const [isKind, encode] of ENCODERS) {
    const kind = kinds.find(({ key }) => isKind.test(key));
    const value = kind === undefined ? undefined : sampleOf(kind);
    if (kind !== undefined && value !== undefined) {
      return { text: encode(value), headers: [["Content-Type", kind.key]] };
    }
  }
  return body.get("required")?.value === true ? undefined : { text: "", headers: [] };
}

const ENCODERS: readonly [RegExp, (value: unknown) => string][] = [
  [/^application\/(?:[\w.-]+\+)?json\b/iu, (value) => JSON.stringify(value)],
  [/^application\/x-www-form-urlencoded\b/iu, encodeForm],
  [/^text\//iu, (value) => (typeof value === "string" ? value : JSON.stringify(value))],
];

function encodeForm(value: unknown): string {
  const form = new URLSearchParams();
  for (const [name, field] of Object.entries((value ?? {}) as Record<string, unknown>)) {
    form.append(name, String(field));
  }
  return form.toString();
}
