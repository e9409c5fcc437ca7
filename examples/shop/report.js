// @ts-check
import { setTimeout as sleep } from "node:timers/promises";
import { Router } from "express";
import { products } from "./products.js";

// The warehouse is another system, and not a fast one.
const WAREHOUSE_MS = 300;

/** `GET /report`: asks the warehouse for every product, one after the other: some 1.5 s. */
export function createReport() {
  const router = Router();
  router.get("/", async (_req, res) => {
    const rows = [];
    for (const { id, name, cents } of products) {
      const stock = await askWarehouse(id);
      rows.push({ name, stock, cents: stock * cents });
    }
    res.json({ rows, cents: rows.reduce((sum, row) => sum + row.cents, 0) });
  });
  return router;
}

/** @param {string} id */
async function askWarehouse(id) {
  await sleep(WAREHOUSE_MS);
  return 10 * Number(id);
}
