import assert from "node:assert/strict";
import { test } from "node:test";
import { AnswerParser } from "#src/prove/load/http1/parse.js";

interface Case {
  readonly name: string;
  readonly method?: string;
  readonly bytes: string;
  readonly end: "complete" | "empty" | "truncated" | "malformed";
  readonly keepAlive?: boolean;
  readonly bodyBytes?: number;
  readonly status?: number | null;
  readonly surplusBytes?: number;
}

const CASES: readonly Case[] = [
  {
    name: "Content-Length",
    bytes: "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
    end: "complete",
    keepAlive: true,
    bodyBytes: 3,
  },
  {
    name: "Content-Length, a byte short",
    bytes: "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab",
    end: "truncated",
  },
  {
    name: "an empty body",
    bytes: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    end: "complete",
    keepAlive: true,
    bodyBytes: 0,
  },
  {
    name: "chunked",
    bytes: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    end: "complete",
    keepAlive: true,
    bodyBytes: 3,
  },
  {
    name: "chunked with extension and trailer",
    bytes:
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nA;x=y\r\n0123456789\r\n0\r\nDigest: z\r\n\r\n",
    end: "complete",
    bodyBytes: 10,
  },
  {
    name: "chunked without its last chunk",
    bytes: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
    end: "truncated",
  },
  {
    name: "chunked without the line after the last chunk",
    bytes: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
    end: "truncated",
  },
  {
    name: "a chunk longer than it says",
    bytes: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n",
    end: "malformed",
  },
  {
    name: "no length: until the close",
    bytes: "HTTP/1.1 200 OK\r\n\r\nabc",
    end: "complete",
    keepAlive: false,
    bodyBytes: 3,
  },
  {
    name: "Connection: close",
    bytes: "HTTP/1.1 200 OK\r\nconnection: Close\r\nContent-Length: 1\r\n\r\na",
    end: "complete",
    keepAlive: false,
  },
  {
    name: "HTTP/1.0",
    bytes: "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na",
    end: "complete",
    keepAlive: false,
  },
  {
    name: "HTTP/1.0 keep-alive",
    bytes: "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\na",
    end: "complete",
    keepAlive: true,
  },
  {
    name: "HEAD",
    method: "HEAD",
    bytes: "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n",
    end: "complete",
    keepAlive: true,
    bodyBytes: 0,
  },
  {
    name: "204",
    bytes: "HTTP/1.1 204 No Content\r\n\r\n",
    end: "complete",
    keepAlive: true,
    status: 204,
  },
  {
    name: "304 with the length it would have had",
    bytes: "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n",
    end: "complete",
    keepAlive: true,
  },
  {
    name: "1xx before the answer",
    bytes:
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 1\r\n\r\na",
    end: "complete",
    status: 201,
  },
  { name: "1xx alone", bytes: "HTTP/1.1 100 Continue\r\n\r\n", end: "truncated", status: null },
  {
    name: "101",
    bytes: "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
    end: "complete",
    keepAlive: false,
    status: 101,
  },
  { name: "no byte", bytes: "", end: "empty", status: null },
  { name: "part of the status line", bytes: "HTTP/1.1 20", end: "truncated" },
  { name: "part of the head", bytes: "HTTP/1.1 200 OK\r\nContent-Le", end: "truncated" },
  { name: "no reason phrase", bytes: "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", end: "complete" },
  { name: "lone LFs", bytes: "HTTP/1.1 200 OK\nContent-Length: 1\n\na", end: "complete" },
  { name: "another protocol", bytes: "SSH-2.0-OpenSSH\r\n\r\n", end: "malformed" },
  {
    name: "a Content-Length that is no number",
    bytes: "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
    end: "malformed",
  },
  {
    name: "bytes after the answer",
    bytes: "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nabc",
    end: "complete",
    surplusBytes: 2,
  },
];

for (const example of CASES) {
  test(`answer parser: ${example.name}, whole and byte by byte`, () => {
    for (const size of [1, 7, 10_000]) check(example, size);
  });
}

function check(example: Case, size: number): void {
  let bodyBytes = 0;
  const parser = new AnswerParser(example.method ?? "GET", (part) => {
    bodyBytes += part.length;
  });
  const bytes = Buffer.from(example.bytes);
  for (let at = 0; at < bytes.length; at += size) parser.feed(bytes.subarray(at, at + size));
  assert.equal(parser.end(), example.end);
  if (example.bodyBytes !== undefined) assert.equal(bodyBytes, example.bodyBytes);
  for (const key of ["keepAlive", "status", "surplusBytes"] as const) {
    if (example[key] !== undefined) assert.equal(parser[key], example[key], key);
  }
}

test("answer parser: a line without an end is given up", () => {
  const parser = new AnswerParser("GET");
  parser.feed(Buffer.alloc(70_000, "x"));
  assert.equal(parser.state, "malformed");
});

test("answer parser: the keep-alive hint is read", () => {
  const parser = new AnswerParser("GET");
  parser.feed(Buffer.from("HTTP/1.1 204 x\r\nKeep-Alive: timeout=5, max=9\r\n\r\n"));
  assert.equal(parser.keepAliveHintMs, 5_000);
});
