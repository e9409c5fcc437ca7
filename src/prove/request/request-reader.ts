import { refuse } from "../facts/errors.js";
import type { Expectation } from "./expectation.js";
import { parseHeader, replaceHeaders, type Header } from "./header.js";
import { parsePath, parseRequest, type RequestTemplate } from "./request.js";

type Texts = readonly (string | RequestTemplate)[];

/** Reads lists of requests, each with the fields that all of them have. */
export class RequestReader {
  readonly #headers: readonly Header[];
  readonly #statuses: Expectation["statuses"];

  /** `statuses` are right for requests that expect none themselves; undefined for the usual ones. */
  constructor(headers: readonly Header[], statuses?: Expectation["statuses"]) {
    for (const [name, value] of headers) {
      if (parseHeader(`${name}: ${value}`) === undefined) {
        refuse("headers", "fields that the load does not write itself", `${name}: ${value}`);
      }
    }
    this.#headers = headers;
    this.#statuses = statuses;
  }

  requests(name: string, texts: Texts): RequestTemplate[] {
    return this.#read(name, texts).map((template) => this.#expect(template));
  }

  paths(name: string, texts: readonly string[]): RequestTemplate[] {
    return texts.map((path) => this.#complete(parsePath(path) ?? refuse(name, "`/path`", path)));
  }

  /** At most one. */
  path(name: string, text: string | undefined): RequestTemplate | null {
    return text === undefined ? null : (this.paths(name, [text])[0] ?? null);
  }

  /** Requests that expect nothing: they are not sent before the signal. */
  unjudged(name: string, texts: readonly string[]): RequestTemplate[] {
    const templates = this.#read(name, texts);
    for (const { expect } of templates) {
      if (expect !== undefined) refuse(name, "without an expectation", texts);
    }
    return templates;
  }

  withoutBody(name: string, texts: readonly string[]): RequestTemplate[] {
    const templates = this.unjudged(name, texts);
    for (const { body } of templates) if (body !== "") refuse(name, "without a body", body);
    return templates;
  }

  #read(name: string, texts: Texts): RequestTemplate[] {
    return texts.map((text) => {
      const read = typeof text === "string" ? parseRequest(text) : text;
      return this.#complete(read ?? refuse(name, "`METHOD /path [body]`", text));
    });
  }

  #expect(template: RequestTemplate): RequestTemplate {
    const { expect } = template;
    if (this.#statuses === undefined || expect?.statuses !== undefined) return template;
    return { ...template, expect: { ...expect, statuses: this.#statuses } };
  }

  #complete(template: RequestTemplate): RequestTemplate {
    if (this.#headers.length === 0) return template;
    return { ...template, headers: replaceHeaders(this.#headers, template.headers ?? []) };
  }
}
