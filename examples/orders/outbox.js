// @ts-check
import { setTimeout as sleep } from "node:timers/promises";

// As long as an order can be taken back no other service hears of it.
const TAKE_BACK_MS = 4_000;

/** @typedef {{ id: string, product: string, quantity: number }} Order */
/** @typedef {{ publish(order: Order): Promise<void> }} Outbox */

/**
 * Says to the world what was ordered. The promise resolves when that has been sent: the caller
 * decides what waits for it.
 *
 * @param {Pick<import("kafkajs").Producer, "send">} producer
 * @returns {Outbox}
 */
export function createOutbox(producer) {
  return {
    async publish(order) {
      await sleep(TAKE_BACK_MS);
      await producer.send({ topic: "orders", messages: [{ value: JSON.stringify(order) }] });
    },
  };
}
