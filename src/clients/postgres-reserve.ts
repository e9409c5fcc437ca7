import type { ReservedSql, Sql } from "postgres";

import { poolEnded } from "./statement.js";

/** The connections of a pool that are reserved, and the callers that wait for one. */
export interface Reservations {
  reserve(): Promise<ReservedSql>;
  /** Gives a connection back, unless it has been closed: postgres.js would use it again. */
  release(reserved: ReservedSql, isOpen?: boolean): void;
  /** Rejects the callers that wait, and ends the pool when all is back: before that `sql.end()` would never return. */
  end(): Promise<void>;
}

/** Keeps account of what is reserved. */
export function createReservations(sql: Sql): Reservations {
  const waiting = new Set<(error: Error) => void>();
  const reserved = new Set<ReservedSql>();
  let isEnded = false;
  let allBack = (): void => {};

  const release = (one: ReservedSql, isOpen = true): void => {
    reserved.delete(one);
    if (isOpen) one.release();
    if (reserved.size === 0) allBack();
  };

  const reserve = (): Promise<ReservedSql> =>
    new Promise((resolve, reject) => {
      if (isEnded) throw poolEnded();
      waiting.add(reject);
      const arrive = (one: ReservedSql): void => {
        reserved.add(one);
        if (waiting.delete(reject)) resolve(one);
        else release(one);
      };
      const fail = (error: unknown): void => {
        waiting.delete(reject);
        reject(error);
      };
      reserveOpen(sql).then(arrive, fail);
    });

  const end = async (): Promise<void> => {
    isEnded = true;
    for (const reject of waiting) reject(poolEnded());
    waiting.clear();
    if (reserved.size > 0) await new Promise<void>((resolve) => (allBack = resolve));
    await sql.end();
  };

  return { reserve, release, end };
}

/**
 * `sql.reserve()` makes a connection rather than wait for one, and with `fetch_types: false`, or where making
 * it fails, that one may be lost to the pool. So a statement makes it, and fails as statements do; then it is
 * open, and nothing comes between.
 */
async function reserveOpen(sql: Sql): Promise<ReservedSql> {
  await sql`select`;
  return sql.reserve();
}
