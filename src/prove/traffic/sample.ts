import type { Place } from "./place.js";

const MAX_DEPTH = 6;

/**
 * A value for a parameter, a body or a part of one: what the document itself names, or else the
 * simplest that its schema allows. Undefined when nothing says what it is.
 */
export function sampleOf(described: Place): unknown {
  const named = exampleOf(described);
  if (named !== undefined) return named;
  const schema = described.get("schema");
  return schema === undefined ? undefined : sampleSchema(schema, 0);
}

/** The value a document names by itself: an example or a default, of the thing or of its schema. */
export function exampleOf(described: Place): unknown {
  const schema = described.get("schema");
  return (
    described.get("example")?.value ??
    described.get("examples")?.parts()[0]?.get("value")?.value ??
    (schema === undefined ? undefined : exampleOfSchema(schema))
  );
}

function exampleOfSchema(schema: Place): unknown {
  return (
    schema.get("example")?.value ??
    schema.get("examples")?.get(0)?.value ??
    schema.get("default")?.value ??
    schema.get("const")?.value ??
    schema.get("enum")?.get(0)?.value
  );
}

function sampleSchema(schema: Place, depth: number): unknown {
  const named = exampleOfSchema(schema);
  if (named !== undefined) return named;
  if (depth > MAX_DEPTH) return null;
  const variant = (schema.get("oneOf") ?? schema.get("anyOf"))?.get(0);
  if (variant !== undefined) return sampleSchema(variant, depth + 1);
  const parts = schema.get("allOf")?.parts();
  if (parts !== undefined)
    return Object.assign({}, ...parts.map((part) => sampleSchema(part, depth + 1)));
  return SAMPLES[typeOf(schema)]?.(schema, depth);
}

/** OpenAPI 3.1 allows a list of types. */
function typeOf(schema: Place): string {
  const type = schema.get("type")?.value;
  const first: unknown = Array.isArray(type) ? type.find((one) => one !== "null") : type;
  if (typeof first === "string") return first;
  return schema.get("properties") === undefined ? "" : "object";
}

const SAMPLES: Readonly<Record<string, (schema: Place, depth: number) => unknown>> = {
  string: sampleString,
  integer: sampleNumber,
  number: sampleNumber,
  boolean: () => true,
  array: (schema, depth) => {
    const items = schema.get("items");
    return items === undefined ? [] : [sampleSchema(items, depth + 1)];
  },
  object: sampleObject,
};

function sampleNumber(schema: Place): number {
  const least = schema.get("minimum")?.value;
  const above = schema.get("exclusiveMinimum")?.value;
  if (typeof above === "number") return Math.floor(above) + 1;
  if (typeof least === "number") return above === true ? Math.floor(least) + 1 : least;
  const most = schema.get("maximum")?.value;
  return typeof most === "number" && most < 1 ? most : 1;
}

const FORMATS: Readonly<Record<string, string>> = {
  uuid: "123e4567-e89b-12d3-a456-426614174000",
  date: "2024-01-01",
  "date-time": "2024-01-01T00:00:00Z",
  email: "user@example.com",
  uri: "https://example.com/",
  url: "https://example.com/",
  hostname: "example.com",
  ipv4: "192.0.2.1",
  byte: "dGV4dA==",
};

function sampleString(schema: Place): string {
  const format = FORMATS[schema.text("format") ?? ""];
  if (format !== undefined) return format;
  const least = schema.get("minLength")?.value;
  const most = schema.get("maxLength")?.value;
  const text = "text".padEnd(typeof least === "number" ? least : 0, "x");
  return typeof most === "number" ? text.slice(0, most) : text;
}

/** What has to be there, and what the document names a value for. */
function sampleObject(schema: Place, depth: number): Record<string, unknown> {
  const required = schema.get("required")?.value;
  const isRequired = (name: string): boolean => Array.isArray(required) && required.includes(name);
  const properties = schema.value as { properties?: Record<string, unknown> };
  const entries = Object.keys(properties.properties ?? {}).flatMap((name): [string, unknown][] => {
    const property = schema.get("properties")?.get(name);
    if (property === undefined || property.get("readOnly")?.value === true) return [];
    const isNamed = exampleOfSchema(property) !== undefined;
    return isRequired(name) || isNamed ? [[name, sampleSchema(property, depth + 1)]] : [];
  });
  return Object.fromEntries(entries);
}
