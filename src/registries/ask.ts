/** One request of a preset. */
export interface Question {
  readonly method: "GET" | "POST" | "PUT";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
  readonly signal: AbortSignal;
}

/** What was answered: a status, and a body that is read to its end. */
export interface Reply {
  readonly status: number;
  readonly text: string;
}

/** Asks one address. Rejects as `fetch` does; any status is an answer. */
export async function ask(
  base: string,
  { method, path, headers, body, signal }: Question,
): Promise<Reply> {
  const text = body === undefined ? {} : { body: JSON.stringify(body) };
  const all = { ...(body !== undefined && { "content-type": "application/json" }), ...headers };
  const res = await fetch(new URL(path, base), { method, headers: all, signal, ...text });
  // Unread, it would keep its connection.
  return { status: res.status, text: await res.text() };
}

/** The error for an answer that is none: what was asked, and what came. */
export function unanswered(what: string, { status, text }: Reply): Error {
  return new Error(`${what}: ${status} ${text.trim().slice(0, 200)}`);
}

/** The body as JSON. Rejects, with what was asked, where only half of it came. */
export function parse(what: string, { text }: Reply): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new Error(`${what}: not the whole of an answer: ${text.slice(0, 200)}`, { cause });
  }
}
