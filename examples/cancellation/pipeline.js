// @ts-check
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { requestSignal } from "lastcall";

/**
 * Sends a file, compressed. When it is aborted every stream of the pipeline is destroyed, the response too: the
 * client sees that it is not whole.
 *
 * @param {string} file
 * @param {import("node:http").IncomingMessage} req
 * @param {import("node:http").ServerResponse} res
 */
export async function sendCompressed(file, req, res) {
  res.writeHead(200, { "Content-Encoding": "gzip" });
  await pipeline(createReadStream(file), createGzip(), res, { signal: requestSignal(req) });
}
