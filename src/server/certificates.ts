import tls from "node:tls";

import { wrongArgument, type LastcallError } from "../errors.js";
import type { CertificateReport } from "../report.js";
import { onSignal } from "../signals.js";
import {
  ServerCertificate,
  type CertificateContents,
  type CertificateFiles,
} from "./certificate.js";

/** What is told of certificates that nobody waits for. */
export interface CertificateOwner {
  loaded(report: CertificateReport): void;
  kept(error: LastcallError): void;
}

/** The certificates of a service's servers. */
export class Certificates {
  readonly #owner: CertificateOwner;
  readonly #certificates = new WeakMap<object, ServerCertificate>();
  readonly #stopListening: (() => void)[] = [];

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
    this.#stopListening.push(onSignal(signal, () => void reload()));
  }

  #of(server: object): ServerCertificate {
    if (!(server instanceof tls.Server)) throw wrongArgument("server", "a TLS server", server);
    const known = this.#certificates.get(server) ?? new ServerCertificate(server);
    this.#certificates.set(server, known);
    return known;
  }

  release(): void {
    for (const stop of this.#stopListening.splice(0)) stop();
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
