import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { delayed } from "../harness/latency.js";
import { start, type Program } from "../harness/program.js";
import type { Target } from "../harness/wire.js";

const CLIENTS = 100;
/** Each way; a round trip is twice that. */
const DELAY = 5;
const REQUEST = "POST /orders HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\norder";

/** A client that posts on one connection, again and again, and never sends a request twice. */
class Poster {
  answered = 0;
  /** A request was sent, and its answer never came. */
  isLost = false;
  readonly #socket: net.Socket;
  readonly #think: number;
  #text = "";
  #isOver = false;
  #last = Number.POSITIVE_INFINITY;
  #wake: () => void = () => {};

  constructor(socket: net.Socket, think: number) {
    this.#socket = socket;
    this.#think = think;
    socket.setNoDelay();
    socket.on("data", (chunk: Buffer) => {
      this.#text += chunk.toString("latin1");
      this.#wake();
    });
    const end = (): void => {
      this.#isOver = true;
      this.#wake();
    };
    socket.on("error", end).on("end", end);
  }

  /** After so many more answers it leaves of itself. */
  leaveAfter(more: number): void {
    this.#last = this.answered + more;
  }

  /** Posts until it is told close, until the connection is closed between requests, or to its last. */
  async run(): Promise<void> {
    while (!this.#isOver && this.answered < this.#last) {
      this.#text = "";
      this.#socket.write(REQUEST);
      while (!this.#text.endsWith("done")) {
        if (this.#isOver) {
          this.isLost = true;
          return;
        }
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
      this.answered++;
      if (this.#text.includes("Connection: close\r\n")) break;
      await sleep(this.#think);
    }
    this.#socket.destroy();
  }
}

async function connectPoster(target: Target, think: number): Promise<Poster> {
  const socket = net.connect({ port: target.port ?? 0, host: "127.0.0.1" });
  await once(socket, "connect");
  return new Poster(socket, think);
}

/** Stops the program in the midst of it; resolves to how many of the clients lost a request. */
async function race(t: TestContext, program: Program): Promise<number> {
  const target = await delayed(t, { port: await program.port() }, DELAY);
  const posters = await Promise.all(
    Array.from({ length: CLIENTS }, (_, index) => connectPoster(target, index % 20)),
  );
  const runs = posters.map((poster) => poster.run());
  while (posters.some(({ answered }) => answered < 3)) await sleep(DELAY);

  program.kill("SIGTERM");
  // A plain server goes on serving whom it has not cut.
  for (const poster of posters) poster.leaveAfter(500);
  await Promise.all(runs);
  return posters.filter(({ isLost }) => isLost).length;
}

test("32. idle race: 100 POST clients behind 10 ms RTT, lame duck on → 0 lost", async (t) => {
  const program = start(t, "posts", ["lastcall"]);
  assert.equal(await race(t, program), 0);
  assert.deepEqual(await program.exit, { code: 0, signal: null });
  assert.equal(program.report.outcome, "clean");
});

test("32. (control: a plain server's close() loses tens)", async (t) => {
  // Where it answers them all in one turn, nobody is idle in the next: a matter of chance.
  let lost = 0;
  for (let tries = 0; tries < 3 && lost < 10; tries++) {
    lost = await race(t, start(t, "posts", ["plain"]));
  }
  t.diagnostic(`lost ${lost} of ${CLIENTS}`);
  assert.ok(lost >= 10, `lost ${lost} of ${CLIENTS}`);
});
