import http2 from "node:http2";
import net from "node:net";
import { AnswerParser } from "../load/http1/parse.js";
import { connectTls } from "../load/wire/link.js";
import { now } from "../machine/now.js";
import type { Trust } from "../options/trust.js";
import { socketTo, type Address } from "../request/address.js";
import {
  describeBody,
  encodeRequest,
  fillBody,
  fillPath,
  listFields,
  type RequestTemplate,
} from "../request/request.js";

/** A request that is sent again and again, each time to be cancelled or to be answered. */
export interface InspectedRoute {
  /** `GET /report` */
  readonly name: string;
  readonly template: RequestTemplate;
  readonly isHttp2: boolean;
  /** Whether its body comes in parts. */
  readonly isUpload: boolean;
  /** Whether its answer has no end. */
  readonly isEndless: boolean;
}

export interface Site {
  readonly address: Address;
  readonly tls: Trust | null;
}

type State = "waiting" | "answered" | "cut" | "left";

const UPLOAD_BYTES = 65_536;

/** One request on a connection of its own. */
export class Visit {
  readonly route: InspectedRoute;
  readonly id: string;
  /** Resolves when it is answered, cut, or its client has left. */
  readonly over: Promise<void>;
  #state: State = "waiting";
  #overAt: number | null = null;
  #end: () => void = () => {};
  readonly #leave: () => void;
  readonly #finish: () => void;

  constructor(route: InspectedRoute, id: string, site: Site) {
    this.route = route;
    this.id = id;
    this.over = new Promise((resolve) => {
      this.#end = resolve;
    });
    const wire = route.isHttp2 ? openHttp2 : openHttp1;
    const { leave, finish } = wire(site, this, (state) => this.#enter(state));
    this.#leave = leave;
    this.#finish = finish;
  }

  get state(): State {
    return this.#state;
  }

  /** When it was answered, cut or left; `now()`. */
  get overAt(): number | null {
    return this.#overAt;
  }

  /** Sends what is left of its body. */
  finish(): void {
    this.#finish();
  }

  /** The client leaves: its connection ends, whatever the service is doing for it. */
  leave(): void {
    this.#leave();
    this.#enter("left");
  }

  #enter(state: State): void {
    if (this.#state !== "waiting") return;
    this.#state = state;
    this.#overAt = now();
    this.#end();
  }
}

interface Wire {
  readonly leave: () => void;
  readonly finish: () => void;
}

type Open = (
  site: Site,
  visit: Pick<Visit, "route" | "id">,
  end: (state: "answered" | "cut") => void,
) => Wire;

const openHttp1: Open = ({ address, tls }, { route, id }, end) => {
  const { template, isUpload } = route;
  const { authority } = address;
  const socket =
    tls === null
      ? net.connect(socketTo(address))
      : connectTls(address, { protocol: "http/1.1", trust: tls });
  const parser = new AnswerParser(template.method);
  socket.on("data", (chunk) => {
    parser.feed(chunk);
    if (!parser.isDone) return;
    end("answered");
    socket.destroy();
  });
  socket.on("error", () => {});
  socket.on("close", () => end(parser.end() === "complete" ? "answered" : "cut"));
  const size = isUpload ? { uploadBytes: UPLOAD_BYTES } : {};
  socket.write(encodeRequest(template, { id, authority, close: true, ...size }));
  const half = Buffer.alloc(isUpload ? UPLOAD_BYTES / 2 : 0, "lastcall ");
  socket.write(half);
  return { leave: () => void socket.destroy(), finish: () => void socket.write(half) };
};

const openHttp2: Open = ({ address, tls }, { route, id }, end) => {
  const { template } = route;
  const scheme = tls === null ? "http" : "https";
  const session = http2.connect(`${scheme}://${address.authority}`, {
    createConnection: () => connectHttp2(address, tls),
  });
  session.on("error", () => {});
  const body = fillBody(template, id);
  const fields = listFields(template, {
    id,
    authority: address.authority,
    fields: describeBody(template, body),
  });
  const head = {
    ":method": template.method,
    ":path": fillPath(template, id),
    // RFC 9113 §8.3.1: `:authority` says what Host says.
    ...Object.fromEntries(fields.filter(([name]) => !/^host$/i.test(name))),
  };
  const stream = session.request(head, { endStream: body === "" });
  stream.on("error", () => {});
  stream.on("end", () => {
    end(stream.rstCode === 0 ? "answered" : "cut");
    session.destroy();
  });
  stream.on("close", () => end("cut"));
  stream.resume();
  if (body !== "") stream.end(body);
  return { leave: () => session.destroy(), finish: () => {} };
};

function connectHttp2(address: Address, tls: Trust | null): net.Socket {
  return tls === null
    ? net.connect(socketTo(address))
    : connectTls(address, { protocol: "h2", trust: tls });
}
