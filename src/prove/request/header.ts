/** A header field. */
export type Header = readonly [name: string, value: string];

// RFC 9110 §5.1 and §5.5: a token, and visible text without line breaks.
const FIELD = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\0\r\n]*)$/u;

/** Fields that frame the message or belong to the connection: the load writes them itself. */
const OWN: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "expect",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "x-request-id",
]);

/** Reads `Name: value`. Returns undefined when the text is not one, or one the load writes itself. */
export function parseHeader(text: string): Header | undefined {
  const [, name, value = ""] = FIELD.exec(text) ?? [];
  if (name === undefined || isOwnHeader(name)) return undefined;
  return [name, value.trim()];
}

/** Whether a field may be named so. */
export function isFieldName(text: string): boolean {
  return FIELD.test(`${text}:`) && !text.includes(":");
}

/** Whether the load writes that field itself. */
export function isOwnHeader(name: string): boolean {
  return OWN.has(name.toLowerCase());
}

/** Fields with those of the same name replaced. Names compare without case. */
export function replaceHeaders(
  fields: readonly Header[],
  by: readonly Header[],
): readonly Header[] {
  if (by.length === 0) return fields;
  const names = new Set(by.map(([name]) => name.toLowerCase()));
  return [...fields.filter(([name]) => !names.has(name.toLowerCase())), ...by];
}
