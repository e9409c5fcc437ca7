// @ts-check
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { Router } from "express";
import { products } from "./products.js";

const PAGES = 10;
const PAGE_MS = 100;

/** `GET /export`: one JSON line per product and page, each page sent as it comes: some 1 s. */
export function createExport() {
  const router = Router();
  router.get("/", async (_req, res) => {
    res.type("application/x-ndjson");
    await pipeline(Readable.from(readPages()), res);
  });
  return router;
}

async function* readPages() {
  for (let page = 1; page <= PAGES; page += 1) {
    yield products.map((product) => `${JSON.stringify({ page, ...product })}\n`).join("");
    await sleep(PAGE_MS);
  }
}
