import fs from "node:fs";
import type { Socket } from "node:net";

import type { Fence } from "../../fence.js";

/** Bytes of a connection that its peer has not acknowledged; undefined where that cannot be told. */
export type SendQueues = (raw: Socket) => number | undefined;

const TABLES = ["/proc/self/net/tcp", "/proc/self/net/tcp6"];

/** Local port, remote port and send queue of one line (proc(5), `/proc/net/tcp`). */
const ROW = /: [0-9A-F]+:([0-9A-F]{4}) [0-9A-F]+:([0-9A-F]{4}) [0-9A-F]{2} ([0-9A-F]{8}):/g;

/**
 * Asks the kernel how much of what it took has arrived. To Node a client stands still for as long as
 * the kernel's own buffer has no room to speak of, and that can be 4 MB: a client that reads 100 KB a second
 * would seem dead for ten seconds and more. Linux alone has such a table; elsewhere buffers are smaller, and
 * nothing is known.
 *
 * The table is read in pieces, because that of a busy machine has many thousand lines. Connections
 * that share both port numbers count as one: movement on one of them then speaks for all.
 */
export async function readSendQueues(raws: Iterable<Socket>, fence: Fence): Promise<SendQueues> {
  const key = (raw: Socket): number => fence.ask("ports of a connection", () => keyOf(raw), 0);
  const queues = new Map<number, number | undefined>();
  if (process.platform === "linux") for (const raw of raws) queues.set(key(raw), undefined);
  queues.delete(0);
  if (queues.size > 0) for (const table of TABLES) await readTable(table, queues);
  return (raw) => queues.get(key(raw));
}

/** 0: not known. */
function keyOf({ localPort = 0, remotePort }: Socket): number {
  return remotePort === undefined ? 0 : localPort * 65_536 + remotePort;
}

async function readTable(file: string, queues: Map<number, number | undefined>): Promise<void> {
  let rest = "";
  try {
    const table = fs.createReadStream(file, { encoding: "latin1", highWaterMark: 65_536 });
    for await (const chunk of table as AsyncIterable<string>) {
      const text = rest + chunk;
      const end = text.lastIndexOf("\n") + 1;
      for (const [, local = "", remote = "", queue = ""] of text.slice(0, end).matchAll(ROW)) {
        const connection = Number.parseInt(local + remote, 16);
        if (!queues.has(connection)) continue;
        queues.set(connection, (queues.get(connection) ?? 0) + Number.parseInt(queue, 16));
      }
      rest = text.slice(end);
    }
  } catch {
    // No such table, as in some sandboxes, or no IPv6: then Node's own view has to do.
  }
}
