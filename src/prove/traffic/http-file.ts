import { METHODS } from "node:http";
import {
  DIRECTIVES,
  NO_DIRECTIVES,
  takeDirective,
  type Directives,
} from "../request/directives.js";
import { isOwnHeader, parseHeader, type Header } from "../request/header.js";
import { readBody, type IncludeFile, type Line } from "./http-body.js";
import { TrafficError, type Traffic, type TrafficRequest } from "./traffic.js";
import { readPath } from "./url.js";
import { Variables } from "./variables.js";

/** What a `.http` file needs from around it. */
export interface HttpFileContext {
  readonly env: Readonly<NodeJS.ProcessEnv>;
  /** Reads a file that a body names with `< path`. */
  readonly include: IncludeFile;
}

const VARIABLE = /^@([\w.-]+)\s*=\s*(.*)$/u;
const COMMENT = /^\s*(?:#|\/\/)\s?(.*)$/u;
const DIRECTIVE = /^@([a-zA-Z][\w-]*)(?:[ \t]+|\s*=\s*|$)(.*)$/u;
/** For a scheme, a host or a port that only the user's other tools know. */
const STAND_IN = "service";
const REQUEST_LINE = /^(?:([A-Za-z]+)[ \t]+)?(\S.*)$/u;
const VERSION = /[ \t]+HTTP\/[\d.]+$/u;
const NO_SCRIPT = "Expected a request without scripts, as none is run here, got `< {%`";
/** Not HTTP, or not a request and its answer. */
const OTHER_PROTOCOLS: ReadonlySet<string> = new Set(["GRAPHQL", "WEBSOCKET", "GRPC", "RSOCKET"]);

/** Reads a file of JetBrains' HTTP client or VS Code's REST Client. Throws TrafficError. */
export function readHttpFile(file: string, text: string, context: HttpFileContext): Traffic {
  const lines = text.split(/\r\n|\n/u).map((line, at): Line => ({ text: line, number: at + 1 }));
  const reader = new HttpFileReader(file, context);
  const blocks = splitBlocks(lines);
  for (const block of blocks) reader.define(block);
  for (const block of blocks) reader.read(block);
  return reader.finish();
}

/** Requests are parted by lines that begin with `###`. */
function splitBlocks(lines: readonly Line[]): Line[][] {
  const blocks: Line[][] = [[]];
  for (const line of lines) {
    if (line.text.startsWith("###")) blocks.push([]);
    else blocks.at(-1)?.push(line);
  }
  return blocks;
}

class HttpFileReader {
  readonly #file: string;
  readonly #context: HttpFileContext;
  readonly #variables: Variables;
  readonly #requests: TrafficRequest[] = [];
  readonly #notes: string[] = [];

  constructor(file: string, context: HttpFileContext) {
    this.#file = file;
    this.#context = context;
    this.#variables = new Variables(context.env);
  }

  finish(): Traffic {
    if (this.#requests.length === 0) this.#fail(1, "Expected at least one request, got none");
    return { file: this.#file, requests: this.#requests, notes: this.#notes };
  }

  /** Takes the block's variables, which stand before its request. */
  define(block: readonly Line[]): void {
    for (const { text } of block.slice(0, findRequest(block))) {
      const [, name, value = ""] = VARIABLE.exec(text) ?? [];
      if (name !== undefined) this.#variables.set(name, value.trim());
    }
  }

  read(block: readonly Line[]): void {
    const start = findRequest(block);
    const first = block[start];
    if (first === undefined) return;
    const { method, url } = this.#readRequestLine(first);
    if (OTHER_PROTOCOLS.has(method) || /^wss?:/iu.test(url)) {
      this.#notes.push(`${this.#file}:${String(first.number)}: left out, as it is not HTTP`);
      return;
    }
    const queryEnd = endOf(block, start + 1, ({ text }) => /^[ \t]+\S/u.test(text));
    const rest = block.slice(start + 1, queryEnd).map(({ text }) => text.trim());
    const query = rest.join("").replace(VERSION, "");
    const headEnd = endOf(block, queryEnd, ({ text }) => text.trim() !== "");
    const head = block.slice(queryEnd, headEnd);
    const directives = this.#readDirectives([...block.slice(0, start), ...head]);
    const headers = this.#readHeaders(head.filter(({ text }) => !COMMENT.test(text)));
    const path = this.#at(first, () => this.#readUrl(url + query));
    const body = readBody(block.slice(headEnd + 1), {
      type: headers.find(isType)?.[1].toLowerCase() ?? "",
      expand: (line, text) => this.#at(line, () => this.#variables.expand(text)),
      refuse: ({ number }) => this.#fail(number, NO_SCRIPT),
      include: (line, name) => this.#at(line, () => this.#context.include(name)),
    });
    const fields = [...headers, ...directives.headers];
    const template = { method, path, body, ...directives, headers: fields };
    this.#requests.push({ template, paths: [path.split("?")[0] ?? path] });
  }

  #readRequestLine(line: Line): { method: string; url: string } {
    if (line.text.startsWith("<")) this.#fail(line.number, NO_SCRIPT);
    const [, word, url = ""] = REQUEST_LINE.exec(line.text.trim().replace(VERSION, "")) ?? [];
    const method = (word ?? "GET").toUpperCase();
    const isKnown = METHODS.includes(method) || OTHER_PROTOCOLS.has(method);
    if (isKnown && (word !== undefined || /^(?:https?:|\/|\{\{)/iu.test(url)))
      return { method, url };
    return this.#fail(
      line.number,
      `Expected a request such as GET /path, got \`${line.text.trim()}\``,
    );
  }

  #readUrl(url: string): string {
    // A file that names the host by a variable of an environment needs none here: the load knows its host.
    const [authority = ""] =
      /^(?:(?:\w+|\{\{[^{}]*\}\}):\/\/)?(?:\{\{[^{}]*\}\}|[^/?#{])*/u.exec(url) ?? [];
    const rest = this.#variables.expand(url.slice(authority.length));
    const begin = this.#variables
      .expand(authority, STAND_IN)
      .replace(`${STAND_IN}://`, "http://")
      .replace(`:${STAND_IN}`, "");
    const whole = `${begin}${rest}`;
    const isAbsolute = whole.startsWith("/") || /^\w+:\/\//u.test(whole);
    const path = readPath(isAbsolute ? whole : `http://${whole}`);
    if (path === undefined) throw new Error(`Expected a URL or a path, got \`${url}\``);
    return path;
  }

  #readDirectives(lines: readonly Line[]): Directives {
    let directives = NO_DIRECTIVES;
    for (const line of lines) {
      const [, comment = ""] = COMMENT.exec(line.text) ?? [];
      const [, name, value = ""] = DIRECTIVE.exec(comment.trim()) ?? [];
      if (name === undefined) continue;
      if (DIRECTIVES.includes(`@${name}`)) {
        const before = directives;
        directives = this.#at(line, () => takeDirective(`@${name}`, value.trim(), before));
      } else if (/^(?:expect|weig)/u.test(name)) {
        this.#fail(line.number, `Expected one of ${DIRECTIVES.join(", ")}, got \`@${name}\``);
      }
    }
    return directives;
  }

  #readHeaders(lines: readonly Line[]): Header[] {
    return lines.flatMap((line) => {
      const text = this.#at(line, () => this.#variables.expand(line.text.trim()));
      const [name = ""] = text.split(":");
      // Which host, and how the message is framed, is the load's affair.
      if (isOwnHeader(name) || /^(?:host|accept-encoding)$/iu.test(name)) return [];
      const header = parseHeader(text);
      if (header !== undefined) return [encodeBasic(header)];
      return this.#fail(
        line.number,
        `Expected a header field such as Accept: text/html, got \`${text}\``,
      );
    });
  }

  /** Gives an error of something that knows no line its own. */
  #at<T>({ number }: Line, read: () => T): T {
    try {
      return read();
    } catch (error) {
      return this.#fail(number, error instanceof Error ? error.message : String(error));
    }
  }

  #fail(line: number, what: string): never {
    throw new TrafficError(this.#file, line, what);
  }
}

/** The first line that is neither blank, nor a comment, nor a variable. */
function findRequest(block: readonly Line[]): number {
  return endOf(
    block,
    0,
    ({ text }) => text.trim() === "" || COMMENT.test(text) || VARIABLE.test(text),
  );
}

/** The index of the first line from `start` on that is not like that. */
function endOf(lines: readonly Line[], start: number, isLike: (line: Line) => boolean): number {
  const at = lines.findIndex((line, index) => index >= start && !isLike(line));
  return at === -1 ? lines.length : at;
}

function isType([name]: Header): boolean {
  return name.toLowerCase() === "content-type";
}

/** Both clients take `Basic user password` and encode it (RFC 7617 §2). */
function encodeBasic([name, value]: Header): Header {
  const [, user, password] = /^Basic[ \t]+([^\s:]+)(?:[ \t]+|:)(\S+)$/iu.exec(value) ?? [];
  if (user === undefined || !/^authorization$/iu.test(name)) return [name, value];
  return [name, `Basic ${Buffer.from(`${user}:${password ?? ""}`).toString("base64")}`];
}
