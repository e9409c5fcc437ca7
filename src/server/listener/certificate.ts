import { readFile } from "node:fs/promises";
import type { SecureContextOptions, Server } from "node:tls";

import { describe, LastcallError, toError } from "../../errors.js";
import type { CertificateReport } from "../../report.js";

/** A certificate and its key, as `tls.createSecureContext` takes them. */
export interface CertificateContents {
  /** Private key, PEM. Several for several kinds of keys, in the order of `cert`. */
  key: NonNullable<SecureContextOptions["key"]>;
  /** Certificate with its chain, PEM. */
  cert: NonNullable<SecureContextOptions["cert"]>;
  /** Authorities of client certificates. Default: those that the server has. */
  ca?: NonNullable<SecureContextOptions["ca"]>;
  /** Of the key, where it is encrypted. Default: the one that the server has. */
  passphrase?: string;
}

/** The same in files, which are read at each reload. */
export interface CertificateFiles {
  /** Path of the private key, PEM. */
  keyFile: string;
  /** Path of the certificate with its chain, PEM. */
  certFile: string;
  /** Path of the authorities of client certificates, PEM. Default: those that the server has. */
  caFile?: string;
  /** Of the key, where it is encrypted. Default: the one that the server has. */
  passphrase?: string;
}

/** The certificate of one TLS server, which can be replaced while it serves. */
export class ServerCertificate {
  readonly #server: Server;
  #last: Promise<unknown> = Promise.resolve();

  constructor(server: Server) {
    this.#server = server;
  }

  /**
   * Replaces the certificate for connections that come from now on; clients that are connected notice nothing.
   * One replacement after the other, so that the last call wins however long its files take.
   *
   * @throws {LastcallError} `ERR_LASTCALL_CERTIFICATE`, and the old certificate stays in use.
   */
  replace(source: CertificateContents | CertificateFiles): Promise<CertificateReport> {
    const replacing = this.#last.then(async () => {
      const contents = "keyFile" in source ? await readFiles(source) : source;
      return replace(this.#server, contents);
    });
    this.#last = replacing.catch(() => {});
    return replacing;
  }
}

async function readFiles(files: CertificateFiles): Promise<CertificateContents> {
  const { keyFile, certFile, caFile, passphrase } = files;
  const [key, cert, ca] = await Promise.all([
    read("keyFile", keyFile),
    read("certFile", certFile),
    caFile === undefined ? undefined : read("caFile", caFile),
  ]);
  return { key, cert, ...(ca && { ca }), ...(passphrase !== undefined && { passphrase }) };
}

async function read(name: string, file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw refused(`cannot read \`${name}\` ${describe(file)}`, error);
  }
}

function replace(server: Server, contents: CertificateContents): CertificateReport {
  for (const name of ["key", "cert"] as const) {
    // An empty one is no error to Node, which then serves without a certificate.
    if (isEmpty(contents[name])) {
      throw refused(`expected \`${name}\` to be PEM, got ${describe(contents[name])}`);
    }
  }
  const options = { ...optionsOf(server), ...contents };
  let loaded: CertificateReport;
  try {
    // Before the server gets it: `setSecureContext` keeps what it is given even when it throws.
    // Not imported: that would cost every service without TLS, and by now Node has it.
    process.getBuiltinModule("node:tls").createSecureContext(options);
    loaded = describeCertificate(contents.cert);
  } catch (error) {
    throw refused("key and certificate cannot be used, or not together", error);
  }
  server.setSecureContext(options);
  return loaded;
}

/**
 * What the server's context was made of. `setSecureContext` forgets every option that it is not
 * given again, such as `minVersion`, and with other ticket keys no session would resume. It keeps each
 * under its own name on the server, on Node 20 to 26 and `http2` servers too; taking all that is there
 * takes those that later versions may add.
 */
function optionsOf(server: Server): SecureContextOptions {
  return { ...(server as object), pfx: undefined, ticketKeys: server.getTicketKeys() };
}

function isEmpty(value: unknown): boolean {
  if (typeof value === "string" || Array.isArray(value)) return value.length === 0;
  return !(value instanceof Uint8Array) || value.byteLength === 0;
}

function describeCertificate(cert: CertificateContents["cert"]): CertificateReport {
  const [first] = [cert].flat();
  // Not imported either.
  const { X509Certificate } = process.getBuiltinModule("node:crypto");
  const { subject, validTo, fingerprint256 } = new X509Certificate(first as string | Buffer);
  return { subject: subject ?? "", validTo, fingerprint: fingerprint256 };
}

function refused(why: string, thrown?: unknown): LastcallError {
  const cause = thrown === undefined ? undefined : toError(thrown);
  return new LastcallError(
    "ERR_LASTCALL_CERTIFICATE",
    `The certificate was not replaced, the old one stays in use: ${why}${cause ? `: ${cause.message}` : ""}`,
    { cause },
  );
}
