import { isOwnHeader, parseHeader, type Header } from "../request/header.js";
import type { Place } from "./place.js";
import { exampleOf, sampleOf } from "./sample.js";

/** The parameters of an operation, with values. */
export interface Parameters {
  readonly fields: readonly Parameter[];
  readonly headers: readonly Header[];
}

interface Parameter {
  readonly name: string;
  readonly where: string;
  readonly style: string;
  readonly isExploded: boolean;
  readonly value: unknown;
}

/** OpenAPI 3.1 §4.8.12: these are described elsewhere, and are ignored as parameters. */
const IGNORED = /^(?:accept|content-type|authorization)$/iu;
const STYLES: Readonly<Record<string, string>> = {
  path: "simple",
  query: "form",
  cookie: "form",
  header: "simple",
};

/** The operation's parameters and, where it has none of that name, its path's. */
export function readParameters(path: Place, operation: Place): Parameters {
  const found = new Map<string, Parameter>();
  for (const place of [path, operation].flatMap((part) => part.get("parameters")?.parts() ?? [])) {
    const parameter = readParameter(place);
    if (parameter !== undefined) found.set(`${parameter.where} ${parameter.name}`, parameter);
  }
  const fields = [...found.values()];
  return { fields, headers: fields.filter(({ where }) => where === "header").map(toHeader) };
}

function readParameter(place: Place): Parameter | undefined {
  const name = place.text("name");
  const where = place.text("in") ?? "";
  const style = place.text("style") ?? STYLES[where];
  if (name === undefined || style === undefined) {
    place.fail("Expected a parameter with `name` and `in`: path, query, header or cookie");
  }
  if (where === "header" && (IGNORED.test(name) || isOwnHeader(name))) return undefined;
  const isRequired = where === "path" || place.get("required")?.value === true;
  const content = place.get("content")?.parts()[0];
  const value = (isRequired ? sampleOf : exampleOf)(content ?? place);
  if (value === undefined && isRequired) {
    place.fail(
      `Expected ${where} parameter \`${name}\` to have an example, a default or a type, got none`,
    );
  }
  if (value === undefined) return undefined;
  const isExploded = place.get("explode")?.value ?? style === "form";
  const text = content === undefined ? value : JSON.stringify(value);
  return { name, where, style, isExploded: isExploded === true, value: text };
}

function toHeader({ name, value }: Parameter): Header {
  return parseHeader(`${name}: ${join(value, ",")}`) ?? [name, ""];
}

/** The path with its parameters' values in their places. */
export function fillPathParameters(operation: Place, path: string, { fields }: Parameters): string {
  return path.replace(/\{([^{}]+)\}/gu, (_place, name: string) => {
    const parameter = fields.find((field) => field.where === "path" && field.name === name);
    if (parameter === undefined)
      operation.fail(`Expected path parameter \`${name}\` to be described`);
    const { style, isExploded, value } = parameter;
    const text = join(value, style === "label" && isExploded ? "." : ",");
    const prefix = style === "label" ? "." : style === "matrix" ? `;${name}=` : "";
    return `${prefix}${text.split(",").map(encodeURIComponent).join(",")}`;
  });
}

/** The pairs of a query or a cookie (RFC 6570's form style, or OpenAPI's `deepObject`). */
export function listParameters({ fields }: Parameters, where: "query" | "cookie"): string[] {
  return fields.filter((field) => field.where === where).flatMap(toPairs);
}

const SEPARATORS: Readonly<Record<string, string>> = { spaceDelimited: "%20", pipeDelimited: "|" };

function toPairs({ name, style, isExploded, value }: Parameter): string[] {
  const pair = (key: string, text: unknown): string =>
    `${encodeURIComponent(key)}=${encodeURIComponent(String(text))}`;
  if (Array.isArray(value)) {
    if (isExploded) return value.map((item) => pair(name, item));
    const items = value.map((item) => encodeURIComponent(String(item)));
    return [`${encodeURIComponent(name)}=${items.join(SEPARATORS[style] ?? ",")}`];
  }
  if (typeof value !== "object" || value === null) return [pair(name, value)];
  const entries = Object.entries(value);
  if (style === "deepObject")
    return entries.map(([key, item]) => `${name}[${key}]=${encodeURIComponent(String(item))}`);
  if (isExploded) return entries.map(([key, item]) => pair(key, item));
  return [
    `${encodeURIComponent(name)}=${entries.flat().map(String).map(encodeURIComponent).join(",")}`,
  ];
}

function join(value: unknown, separator: string): string {
  if (Array.isArray(value)) return value.map(String).join(separator);
  if (typeof value === "object" && value !== null)
    return Object.entries(value).flat().map(String).join(separator);
  return String(value);
}
