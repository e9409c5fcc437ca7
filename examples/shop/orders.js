// @ts-check
import { json, Router } from "express";
import { findProduct } from "./products.js";

/** @typedef {{ id: string, product: string, quantity: number }} Order */

/**
 * `POST /orders`: 201 once the order is on the disk, and not before.
 *
 * @param {import("./journal.js").Journal} journal
 */
export function createOrders(journal) {
  const router = Router();
  router.post("/", json(), async (req, res) => {
    const problem = findProblem(req.body);
    if (problem !== undefined) {
      res.status(400).json({ error: problem });
      return;
    }
    const { id, product, quantity } = /** @type {Order} */ (req.body);
    await journal.append({ id, product, quantity });
    res.status(201).json({ id, product, quantity });
  });
  return router;
}

/**
 * Says what is wrong with an order; undefined when nothing is.
 *
 * @param {Partial<Order> | undefined} order
 */
function findProblem(order) {
  if (typeof order?.id !== "string" || !/^[\w-]{1,64}$/.test(order.id)) {
    return "Expected `id` to be 1 to 64 letters, digits, _ or -";
  }
  if (findProduct(order.product) === undefined) return "Expected `product` to be a product's id";
  const { quantity } = order;
  if (!Number.isInteger(quantity) || Number(quantity) < 1 || Number(quantity) > 100) {
    return "Expected `quantity` to be a whole number from 1 to 100";
  }
  return undefined;
}
