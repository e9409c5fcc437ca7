// @ts-check
import { Router } from "express";

/** @typedef {{ id: string, name: string, cents: number }} Product */

/** @type {readonly Product[]} */
export const products = [
  { id: "1", name: "Espresso", cents: 220 },
  { id: "2", name: "Cortado", cents: 280 },
  { id: "3", name: "Flat white", cents: 340 },
  { id: "4", name: "Filter, 500 ml", cents: 390 },
  { id: "5", name: "Beans, 1 kg", cents: 2400 },
];

/** @param {unknown} id */
export function findProduct(id) {
  return products.find((product) => product.id === id);
}

/** `GET /products`, `GET /products/:id` */
export function createProducts() {
  const router = Router();
  router.get("/", (_req, res) => {
    res.json(products);
  });
  router.get("/:id", (req, res) => {
    const product = findProduct(req.params.id);
    if (product === undefined) res.status(404).json({ error: "There is no such product" });
    else res.json(product);
  });
  return router;
}
