import type { Socket } from "node:net";
import type { Duplex } from "node:stream";

import { FrameStream } from "./frames.js";
import { webSocketOn } from "./websocket.js";

const FOLLOWED = Symbol("lastcall.outgoing");

type Write = (this: Socket, ...args: unknown[]) => boolean;

type Followed = Omit<Socket, "write"> & { [FOLLOWED]?: Outgoing; write: Write };

/** Follows what is written on a socket from here on; its handshake must not be answered yet. */
export function followOutgoing(socket: Socket): void {
  (socket as unknown as Followed)[FOLLOWED] = new Outgoing(socket);
}

/** What goes out on a WebSocket, where it is followed. */
export function outgoingOf(socket: Duplex): Outgoing | undefined {
  return (socket as unknown as Followed)[FOLLOWED];
}

/**
 * The server's half of a WebSocket, whatever writes it: a library, or a gateway that passes on what
 * another server says. Its frames are counted as they are written, so that a close frame can be put in
 * between two messages.
 */
class Outgoing {
  readonly frames: FrameStream = new FrameStream();
  readonly #socket: Socket;
  readonly #write: Write;
  readonly #before: PropertyDescriptor | undefined;
  #changed: (() => void) | undefined;
  #isKnown = false;
  #isReleased = false;
  #isOver = false;

  constructor(socket: Socket) {
    const followed = socket as unknown as Followed;
    this.#socket = socket;
    this.#write = followed.write;
    this.#before = Object.getOwnPropertyDescriptor(socket, "write");
    followed.write = writeFollowed;
  }

  /** Resolves once `isReached`, or at `signal`. */
  async reaches(isReached: (frames: FrameStream) => boolean, signal: AbortSignal): Promise<void> {
    if (isReached(this.frames) || signal.aborted) return;
    await new Promise<void>((resolve) => {
      signal.addEventListener("abort", () => resolve(), { once: true });
      this.#changed = () => {
        if (isReached(this.frames)) resolve();
      };
    });
    this.#changed = undefined;
  }

  /**
   * Sends a close frame, where the server has not, and nothing after it: what it says from then on
   * reaches the client no more (RFC 6455 §5.5.1).
   */
  close(frame: Uint8Array): void {
    if (this.frames.isClosed || !this.frames.isBetweenFrames) return;
    this.#isOver = true;
    this.#write.call(this.#socket, frame);
  }

  /** As `socket.write`. */
  write(args: unknown[]): boolean {
    if (this.#isOver) return discard(args);
    // The first word after the handshake shows which package speaks; `ws` closes its sockets itself.
    if (this.frames.isOpen && !this.#isKnown) this.#look();
    if (!this.#isReleased) this.frames.follow(bytesOf(args));
    const isTaken = this.#write.apply(this.#socket, args);
    this.#changed?.();
    return isTaken;
  }

  #look(): void {
    this.#isKnown = true;
    if (webSocketOn(this.#socket) !== undefined) this.release();
  }

  /** Counts no longer. Where ours has been wrapped since, it stays below and only passes on. */
  release(): void {
    this.#isReleased = true;
    const followed = this.#socket as unknown as Followed;
    if (followed.write !== writeFollowed) return;
    delete followed[FOLLOWED];
    if (this.#before === undefined) delete (followed as Partial<Followed>).write;
    else Object.defineProperty(followed, "write", this.#before);
  }
}

/** One for all sockets, so that each costs no closure. */
function writeFollowed(this: Socket, ...args: unknown[]): boolean {
  return outgoingOf(this)!.write(args);
}

function bytesOf([chunk, encoding]: unknown[]): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  if (typeof chunk !== "string") return new Uint8Array();
  return Buffer.from(chunk, typeof encoding === "string" ? (encoding as BufferEncoding) : "utf8");
}

/** To its writer it is as good as sent. */
function discard(args: unknown[]): boolean {
  const callback = args.at(-1);
  if (typeof callback === "function") process.nextTick(callback);
  return true;
}
