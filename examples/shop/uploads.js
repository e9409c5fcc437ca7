// @ts-check
import { createHash, randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { Router } from "express";

/**
 * `POST /uploads`: streams the body to a file; 201 with its size and hash once it is complete.
 *
 * @param {string} folder
 */
export function createUploads(folder) {
  const router = Router();
  router.post("/", async (req, res) => {
    const file = path.join(folder, randomUUID());
    const hash = createHash("sha256");
    let size = 0;
    try {
      await pipeline(
        req,
        async function* measure(/** @type {AsyncIterable<Buffer>} */ chunks) {
          for await (const chunk of chunks) {
            hash.update(chunk);
            size += chunk.length;
            yield chunk;
          }
        },
        createWriteStream(file),
      );
    } catch (error) {
      // Half an upload is none.
      await rm(file, { force: true });
      throw error;
    }
    res.status(201).json({ size, sha256: hash.digest("hex") });
  });
  return router;
}
