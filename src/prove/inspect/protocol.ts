/** Environment variable that names the folder in which preload and prover meet. */
export const FOLDER_VARIABLE = "LASTCALL_INSPECT";

/** The ids of the requests that are followed begin so; all others are left alone. */
export const ID_PREFIX = "lastcall-inspect-";

/** The prover's socket in that folder. */
export const SOCKET_NAME = "s";

/** What a process, or a thread of it, writes at its own exit, in that folder. */
export const EXIT_FILE: RegExp = /^exit-\d+-\d+\.json$/;

/** A place on the stack at which something was made. Lines and columns count from 1. */
export interface Frame {
  readonly name: string | null;
  /** What the function was called on: `Client`. */
  readonly type: string | null;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Whether the process itself applied a source map. */
  readonly isMapped: boolean;
}

/** Something that was made on behalf of a request. Instants are `now()`. */
export interface Resource {
  /** Node's own name of its kind, such as `Timeout`, or one of {@link Followed}. */
  readonly type: string;
  readonly request: string;
  readonly madeAt: number;
  /** Only promises are told of when they are over: what a call returned is known by its first one. */
  readonly isOver: boolean;
  /** Its stack, innermost frame first; then that of what made it, and so on. */
  readonly stacks: readonly (readonly Frame[])[];
}

/** Followed as objects: Node's own resources do not last as long as they do. */
export type Followed = "ClientRequest" | "UndiciRequest" | "FileStream" | "ChildProcess" | "Worker";

/** What the process that is inspected says, one JSON object per line. */
export type Report =
  | { readonly type: "begun"; readonly request: string }
  | ({ readonly type: "listed"; readonly question: number } & Listing);

/** What lives, and which requests are over. */
export interface Listing {
  readonly resources: readonly Resource[];
  /** When the connection or the stream of a request was closed, by its id; `now()`. */
  readonly closed: Readonly<Record<string, number>>;
}

/** What it is asked. */
export interface Question {
  readonly question: number;
  readonly requests: readonly string[];
}

/** What it writes when it exits. */
export interface ExitRecord extends Listing {
  readonly at: number;
}
