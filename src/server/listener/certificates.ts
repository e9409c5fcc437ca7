import { wrongArgument, type LastcallError } from "../../errors.js";
import type { CertificateReport } from "../../report.js";
import { isTls } from "../attachable.js";
import { theProcess } from "../../process/one-process.js";
import {
  ServerCertificate,
  type CertificateContents,
  type CertificateFiles,
} from "./certificate.js";

/** What is told of certificates that no code waits for. */
export interface CertificateOwner {
  loaded(report: CertificateReport): void;
  kept(error: LastcallError): void;
}

/** The certificates of a service's servers. */
export class Certificates {
  readonly #owner: CertificateOwner;
  readonly #certificates = new WeakMap<object, ServerCertificate>();
  /** How to hear of a signal for a server. Weak: one that is let go may be collected. */
  readonly #reloads = new WeakMap<object, () => () => void>();
  readonly #stopListening = new Map<object, () => void>();

  constructor(owner: CertificateOwner) {
    this.#owner = owner;
  }

  /** @throws {LastcallError} `ERR_LASTCALL_ARGUMENT`, `ERR_LASTCALL_CERTIFICATE`. */
  async replace(server: object, source: CertificateContents | CertificateFiles): Promise<void> {
    checkSource(source);
    this.#owner.loaded(await this.#of(server).replace(source));
  }

  /** @throws {LastcallError} `ERR_LASTCALL_ARGUMENT` for a server without TLS. */
  replaceOn(signal: NodeJS.Signals, server: object, files: CertificateFiles): void {
    const certificate = this.#of(server);
    const reload = async (): Promise<void> => {
      try {
        this.#owner.loaded(await certificate.replace(files));
      } catch (error) {
        this.#owner.kept(error as LastcallError);
      }
    };
    this.#reloads.set(server, () => theProcess().reloads.on(signal, () => void reload()));
    this.listen(server);
  }

  /** Hears of the signals of a server, if it has any. */
  listen(server: object): void {
    const start = this.#reloads.get(server);
    if (start === undefined || this.#stopListening.has(server)) return;
    this.#stopListening.set(server, start());
  }

  /** It serves no longer, and may come back. */
  rest(server: object): void {
    this.#stopListening.get(server)?.();
    this.#stopListening.delete(server);
  }

  /** It is its owner's alone. */
  forget(server: object): void {
    this.rest(server);
    this.#reloads.delete(server);
    this.#certificates.delete(server);
  }

  #of(server: object): ServerCertificate {
    if (!isTls(server)) throw wrongArgument("server", "a TLS server", server);
    const known = this.#certificates.get(server) ?? new ServerCertificate(server);
    this.#certificates.set(server, known);
    return known;
  }

  release(): void {
    for (const stop of this.#stopListening.values()) stop();
    this.#stopListening.clear();
  }
}

function checkSource(source: unknown): void {
  const given = typeof source === "object" && source !== null ? source : {};
  const isWhole =
    ("key" in given && "cert" in given) || ("keyFile" in given && "certFile" in given);
  if (!isWhole) {
    throw wrongArgument("certificate", "`{ key, cert }` or `{ keyFile, certFile }`", source);
  }
}
