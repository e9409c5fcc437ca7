import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { once } from "node:events";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { now } from "../machine/now.js";
import { readLines } from "./lines.js";
import {
  EXIT_FILE,
  FOLDER_VARIABLE,
  SOCKET_NAME,
  type ExitRecord,
  type Listing,
  type Report,
} from "./protocol.js";

/** A request that has been begun. */
export interface Begun {
  /** The process, or the thread, that has begun it. */
  readonly by: number;
  readonly at: number;
}

// sockaddr_un holds 108 bytes on Linux, 104 elsewhere.
const LONGEST_PATH = 100;
// On a busy machine a look at all that lives takes its time.
const ANSWER_MS = 15_000;
const NOTHING: Listing = { resources: [], closed: {} };
const UNHEARD: Listing = { ...NOTHING };

/** What all processes have said. */
export interface Heard extends Listing {
  /** Whether each that is there has answered: one that has not is busy with something else. */
  readonly isWhole: boolean;
}

interface Peer {
  readonly number: number;
  readonly socket: net.Socket;
}

/** The prover's end of the preload: every Node process of one service meets it here. */
export class InspectLink {
  readonly #folder: string;
  readonly #server: net.Server = net.createServer((socket) => this.#welcome(socket));
  readonly #peers = new Set<Peer>();
  readonly #begun = new Map<string, Begun>();
  readonly #beginners = new Map<string, () => void>();
  readonly #answers = new Map<number, (listing: Listing) => void>();
  #questions = 0;
  #met = 0;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async open(): Promise<InspectLink> {
    const base = tmpdir().length < LONGEST_PATH - 30 ? tmpdir() : "/tmp";
    const link = new InspectLink(await mkdtemp(path.join(base, "lastcall-inspect-")));
    await new Promise<void>((resolve, reject) => {
      link.#server.once("error", reject);
      link.#server.listen(path.join(link.#folder, SOCKET_NAME), resolve);
    });
    return link;
  }

  /** The environment in which a service loads the preload, after what it preloads itself. */
  extend(env: Readonly<NodeJS.ProcessEnv>): NodeJS.ProcessEnv {
    // A URL has neither a space nor a quote that NODE_OPTIONS could trip over.
    const preload = `--import=${new URL("preload/preload.js", import.meta.url).href}`;
    const options = env.NODE_OPTIONS ?? "";
    return {
      ...env,
      [FOLDER_VARIABLE]: this.#folder,
      NODE_OPTIONS: options === "" ? preload : `${options} ${preload}`,
    };
  }

  /** How many processes, and threads of theirs, have met the prover and not gone. */
  get processes(): number {
    return this.#peers.size;
  }

  /** Resolves when the first process has met the prover. */
  async met(): Promise<void> {
    if (this.#peers.size === 0) await once(this.#server, "connection");
  }

  /** Resolves when all of them have gone. */
  async left(): Promise<void> {
    await Promise.all([...this.#peers].map(({ socket }) => once(socket, "close")));
  }

  /** What is known of a request: which process has begun it, and when. */
  beginOf(request: string): Begun | undefined {
    return this.#begun.get(request);
  }

  /** Resolves when a process has begun the request. */
  async begun(request: string): Promise<void> {
    if (this.#begun.has(request)) return;
    await new Promise<void>((resolve) => this.#beginners.set(request, resolve));
  }

  /** What lives on behalf of those requests now. A process that has gone is left out. */
  async list(requests: readonly string[]): Promise<Heard> {
    const peers = [...this.#peers];
    const lists = await Promise.all(peers.map((peer) => this.#ask(peer, requests)));
    return {
      isWhole: !lists.includes(UNHEARD),
      resources: lists.flatMap(({ resources }) => resources),
      closed: Object.assign({}, ...lists.map(({ closed }) => closed)) as Listing["closed"],
    };
  }

  /** What each process that has exited in order wrote of it. */
  async exits(): Promise<ExitRecord[]> {
    const names = (await readdir(this.#folder)).filter((name) => EXIT_FILE.test(name));
    const texts = names.map((name) => readFile(path.join(this.#folder, name), "utf8"));
    return (await Promise.all(texts)).map((text) => JSON.parse(text) as ExitRecord);
  }

  async close(): Promise<void> {
    for (const { socket } of this.#peers) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
    await rm(this.#folder, { recursive: true, force: true });
  }

  #welcome(socket: net.Socket): void {
    this.#met += 1;
    const peer: Peer = { number: this.#met, socket };
    this.#peers.add(peer);
    socket.on("error", () => {});
    socket.on("close", () => this.#peers.delete(peer));
    readLines(socket, (line) => this.#hear(peer, line as Report));
  }

  #hear(peer: Peer, report: Report): void {
    if (report.type === "listed") this.#answers.get(report.question)?.(report);
    else {
      this.#begun.set(report.request, { by: peer.number, at: now() });
      this.#beginners.get(report.request)?.();
    }
  }

  async #ask({ socket }: Peer, requests: readonly string[]): Promise<Listing> {
    this.#questions += 1;
    const question = this.#questions;
    const answer = new Promise<Listing>((resolve) => {
      this.#answers.set(question, resolve);
      socket.once("close", () => resolve(NOTHING));
    });
    socket.write(`${JSON.stringify({ question, requests })}\n`);
    const late = sleep(ANSWER_MS, UNHEARD, { ref: false });
    return Promise.race([answer, late]);
  }
}
