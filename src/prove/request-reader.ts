import { refuse } from "./errors.js";
import { parseHeader, replaceHeaders, type Header } from "./header.js";
import { parsePath, parseRequest, type RequestTemplate } from "./request.js";

type Texts = readonly (string | RequestTemplate)[];

/** Reads lists of requests, each with the fields that all of them have. */
export class RequestReader {
  readonly #headers: readonly Header[];

  constructor(headers: readonly Header[]) {
    for (const [name, value] of headers) {
      if (parseHeader(`${name}: ${value}`) === undefined) {
        refuse("headers", "fields that the load does not write itself", `${name}: ${value}`);
      }
    }
    this.#headers = headers;
  }

  requests(name: string, texts: Texts): RequestTemplate[] {
    return texts.map((text) => {
      const read = typeof text === "string" ? parseRequest(text) : text;
      return this.#complete(read ?? refuse(name, "`METHOD /path [body]`", text));
    });
  }

  paths(name: string, texts: readonly string[]): RequestTemplate[] {
    return texts.map((path) => this.#complete(parsePath(path) ?? refuse(name, "`/path`", path)));
  }

  /** At most one. */
  path(name: string, text: string | undefined): RequestTemplate | null {
    return text === undefined ? null : (this.paths(name, [text])[0] ?? null);
  }

  /** Requests that expect nothing: nobody asks them before the signal. */
  unjudged(name: string, texts: readonly string[]): RequestTemplate[] {
    const templates = this.requests(name, texts);
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

  #complete(template: RequestTemplate): RequestTemplate {
    if (this.#headers.length === 0) return template;
    return { ...template, headers: replaceHeaders(this.#headers, template.headers ?? []) };
  }
}
