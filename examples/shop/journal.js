// @ts-check
import { open } from "node:fs/promises";

/** @typedef {{ line: string, resolve: () => void, reject: (error: unknown) => void }} Waiting */

/** An append-only file of JSON lines, and the only handle on it. */
export class Journal {
  /** @type {import("node:fs/promises").FileHandle} */
  #file;
  /** @type {Waiting[]} */
  #waiting = [];
  /** @type {Promise<void> | undefined} */
  #writing;

  /** @param {import("node:fs/promises").FileHandle} file */
  constructor(file) {
    this.#file = file;
  }

  /** @param {string} path */
  static async open(path) {
    return new Journal(await open(path, "a"));
  }

  /**
   * Resolves once the entry is on the disk.
   *
   * @param {object} entry
   * @returns {Promise<void>}
   */
  append(entry) {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ line: `${JSON.stringify(entry)}\n`, resolve, reject });
      this.#writing ??= this.#write();
    });
  }

  /** One write and one sync for all that wait: a disk syncs a hundred lines as fast as one. */
  async #write() {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0);
      try {
        await this.#file.appendFile(batch.map(({ line }) => line).join(""));
        await this.#file.datasync();
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#writing = undefined;
  }

  async close() {
    await this.#writing;
    await this.#file.close();
  }
}
