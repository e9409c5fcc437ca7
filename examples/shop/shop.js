// @ts-check
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import express from "express";
import { createExport } from "./export.js";
import { Journal } from "./journal.js";
import { createOrders } from "./orders.js";
import { createProducts } from "./products.js";
import { createReport } from "./report.js";
import { createUploads } from "./uploads.js";

/**
 * A small shop: the Express app, and what closes the journal behind it. It keeps its journal and
 * its uploads in SHOP_DATA.
 */
export async function openShop() {
  const folder = process.env["SHOP_DATA"] ?? path.join(tmpdir(), "lastcall-shop");
  const uploads = path.join(folder, "uploads");
  await mkdir(uploads, { recursive: true });
  const journal = await Journal.open(path.join(folder, "orders.ndjson"));

  const app = express();
  app.disable("x-powered-by");
  app.use("/products", createProducts());
  app.use("/orders", createOrders(journal));
  app.use("/report", createReport());
  app.use("/export", createExport());
  app.use("/uploads", createUploads(uploads));
  app.use(answerError);
  return { app, close: () => journal.close() };
}

/**
 * @param {{ status?: number, expose?: boolean, message: string }} error what body parsers throw
 * @param {import("express").Request} _req
 * @param {import("express").Response} res
 * @param {import("express").NextFunction} next
 */
function answerError(error, _req, res, next) {
  // An answer that has begun cannot become another one: Express ends its connection.
  if (res.headersSent) next(error);
  else res.status(error.status ?? 500).json({ error: error.expose ? error.message : "Internal" });
}
