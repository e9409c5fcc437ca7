import type { Spot } from "../source/source.js";
import type { Value } from "../source/value.js";
import type { Command } from "./command.js";

/** What is known of the last base image, by its name. */
export interface Base {
  /** `node`, `nginx`, `gcr.io/distroless/nodejs22-debian12`. */
  readonly name: string;
  readonly tag: string;
  /** What `/bin/sh` is there. */
  readonly shell: "dash" | "busybox" | "bash" | "none" | "unknown";
  readonly spot: Spot;
}

/** One stage that an image is made of, with what it takes from its own base stages. */
export interface Image {
  /** The Dockerfile. */
  readonly file: string;
  /** The folder that its paths are in: the build context; null where that is not known. */
  readonly context: string | null;
  readonly stage: string | null;
  readonly base: Base | null;
  /** ENTRYPOINT and CMD together; null where they come from the base image. */
  readonly command: Command | null;
  readonly entrypoint: Command | null;
  readonly cmd: Command | null;
  readonly stopSignal: Value<string> | null;
  readonly workdir: string | null;
  readonly environment: ReadonlyMap<string, Value<string | null>>;
  /** Where files of the context were copied to. */
  readonly copies: readonly { readonly from: string; readonly to: string }[];
  /** What is installed with apk, apt-get and the like, as far as it is written. */
  readonly installs: readonly string[];
  readonly spot: Spot;
}
