import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import http2 from "node:http2";
import https from "node:https";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { test, type TestContext } from "node:test";
import tls from "node:tls";

import type { CertificateContents, CertificateFiles } from "lastcall";
import { lastcall } from "lastcall";
import { ServerCertificate } from "#src/server/listener/certificate.js";

import { Hold } from "../harness/hold.js";
import { start } from "../harness/program.js";
import { listen, plain, QUIET, serve, type Served } from "../harness/serve.js";
import { certificate, secondCertificate } from "../harness/tls.js";
import { Visitors } from "../harness/visitors.js";
import { connect, tryConnect, Wire, withResolvers, type Target } from "../harness/wire.js";

const FIRST = new X509Certificate(certificate.cert).fingerprint256;
const SECOND = new X509Certificate(secondCertificate.cert).fingerprint256;

function fingerprintOf(wire: Wire): string {
  return (wire.socket as tls.TLSSocket).getPeerCertificate().fingerprint256;
}

/** The certificate that a new connection sees. */
async function seenBy(target: Target): Promise<string> {
  const wire = await connect({ ...target, tls: true });
  const seen = fingerprintOf(wire);
  wire.close();
  return seen;
}

/** Asks again and again on one connection, as fast as it is answered; resolves to how often. */
async function keepAsking(wire: Wire, over: AbortSignal): Promise<number> {
  let answered = 0;
  while (!over.aborted) {
    await wire.get("/again");
    assert.equal((await wire.response()).status, 200);
    answered++;
  }
  return answered;
}

test("61. TLS certificate reload under load: no request lost, new connections see the new certificate", async (t) => {
  const hold = new Hold();
  const { service, server, target } = await serve(
    t,
    (req, res) => {
      if (req.url === "/slow") hold.app(req, res);
      else res.end("ok");
    },
    { tls: true },
  );
  const kept = await Promise.all([1, 2, 3].map(() => connect(target)));
  const slow = await connect(target);
  await slow.get("/slow");
  const { res } = await hold.next();
  res.write("begun, ");
  const over = new AbortController();
  const asking = Promise.all(kept.map((wire) => keepAsking(wire, over.signal)));
  const visitors = new Visitors(target, 3);
  t.after(() => visitors.stop());

  for (let turn = 0; turn < 25; turn++) {
    assert.equal(await seenBy(target), FIRST);
    await service.reloadCertificate(server, secondCertificate);
    assert.equal(await seenBy(target), SECOND);
    await service.reloadCertificate(server, certificate);
  }

  res.end("and ended");
  assert.equal((await slow.response()).body, "begun, and ended");
  over.abort();
  const asked = (await asking).reduce((sum, each) => sum + each);
  for (const wire of kept) {
    assert.equal(wire.end, "open", "a connection outlives every reload");
    assert.equal(fingerprintOf(wire), FIRST);
    wire.close();
  }
  const { answered, refused } = await visitors.stop();
  t.diagnostic(
    `50 reloads; ${asked} requests answered on kept connections, ${answered} on new ones, ${refused} lost`,
  );
  assert.ok(asked > 0 && answered > 0);
  assert.equal(refused, 0);
});

test("61. (control: a new certificate by a new server refuses clients)", async (t) => {
  const hold = new Hold();
  const { server, target } = await plain(t, hold.app, { tls: true });
  const wire = await connect(target);
  await wire.get("/");
  const { res } = await hold.next();

  // What programs without a reload do: close, which waits for what is in flight, and listen again.
  const closed = new Promise((resolve) => server.close(resolve));
  assert.equal(await tryConnect(target), "ECONNREFUSED");
  res.writeHead(200, { Connection: "close" }).end();
  await closed;
  const second = https.createServer(secondCertificate);
  t.after(() => second.close());
  second.listen(target.port, "127.0.0.1");
  await once(second, "listening");
  assert.equal(await seenBy(target), SECOND);
});

test("61. a handshake in the middle of which the certificate is replaced ends well, with the old one", async (t) => {
  const { service, server, target } = await serve(t, (_req, res) => res.end("ok"), { tls: true });
  const accepted = once(server, "connection");
  const raw = net.connect({ port: target.port ?? 0, host: "127.0.0.1" });
  t.after(() => raw.destroy());
  await accepted;
  await service.reloadCertificate(server, secondCertificate);

  const socket = tls.connect({ socket: raw, rejectUnauthorized: false });
  const wire = new Wire(socket);
  await once(socket, "secureConnect");
  assert.equal(fingerprintOf(wire), FIRST);
  await wire.get("/");
  assert.equal((await wire.response()).status, 200);
  assert.equal(await seenBy(target), SECOND);
});

/** A half handshake that the server has read. */
async function halfHandshake(t: TestContext, server: net.Server, port: number): Promise<Wire> {
  const accepted = once(server, "connection");
  const wire = await connect({ port });
  t.after(() => wire.close());
  const [socket] = (await accepted) as [net.Socket];
  await wire.send(Buffer.from([22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3]));
  // A TLS socket reads below its raw one; a second connection is served after it was read.
  while (socket.bytesRead === 0) await seenBy({ port });
  return wire;
}

test("61. handshakes in progress at D are bounded, those that complete are served", async (t) => {
  const { service, server, target } = await serve(t, (_req, res) => res.end("ok"), {
    tls: true,
    timeouts: { head: 2_000, idle: 100 },
  });
  const port = target.port ?? 0;
  await service.reloadCertificate(server, secondCertificate);
  const stuck = await halfHandshake(t, server, port);
  const accepted = once(server, "connection");
  const raw = net.connect({ port, host: "127.0.0.1" });
  await accepted;

  const drained = service.drain();
  const late = tls.connect({ socket: raw, rejectUnauthorized: false });
  const wire = new Wire(late);
  await wire.get("/");
  const response = await wire.response();
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("connection"), "close");

  await stuck.ended();
  const { outcome, durationMs, connections } = await drained;
  assert.equal(outcome, "clean");
  assert.equal(connections.stalled[0]?.kind, "head");
  assert.equal(connections.cut, 0);
  // Node's own handshakeTimeout is 120 s, the cut would be at 24 s.
  assert.ok(durationMs < 10_000, `held ${durationMs} ms`);
});

test("61. (control: close() of a plain server waits for such a handshake)", async (t) => {
  const { server, target } = await plain(t, (_req, res) => res.end("ok"), { tls: true });
  const stuck = await halfHandshake(t, server, target.port ?? 0);
  let isClosed = false;
  server.close(() => (isClosed = true));
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  assert.equal(isClosed, false);
  assert.equal(stuck.end, "open");
});

// What must survive.

interface Kind {
  name: string;
  create: (options: tls.TlsOptions) => tls.Server;
}

const KINDS: readonly Kind[] = [
  { name: "https", create: (options) => https.createServer(options, (_req, res) => res.end()) },
  {
    name: "http2 secure",
    create: (options) =>
      http2.createSecureServer({ ...options, allowHTTP1: true }, (_req, res) => res.end()),
  },
];

/** Everything a server may have been told that a reload must not lose. */
const STRICT: tls.TlsOptions = {
  ...certificate,
  minVersion: "TLSv1.3",
  ciphers: "TLS_AES_256_GCM_SHA384",
  requestCert: true,
  rejectUnauthorized: true,
  ca: secondCertificate.cert,
  sessionTimeout: 3_600,
};

/** How a client gets on: its session, whether it was resumed, the cipher; or an error's code. */
interface Met {
  error?: string;
  session?: Buffer;
  resumed: boolean;
  cipher: string;
  seen: string;
}

async function meet(port: number, options: tls.ConnectionOptions = {}): Promise<Met> {
  const socket = tls.connect({
    port,
    host: "127.0.0.1",
    rejectUnauthorized: false,
    ...secondCertificate,
    ...options,
  });
  const met: Met = { resumed: false, cipher: "", seen: "" };
  const { promise: over, resolve: end } = withResolvers<void>();
  socket.once("session", (session: Buffer) => (met.session = session));
  socket.once("secureConnect", () => {
    met.resumed = socket.isSessionReused();
    met.cipher = socket.getCipher().name;
    met.seen = met.resumed ? "" : socket.getPeerCertificate().fingerprint256;
    // In TLS 1.3 the session comes after the handshake, and so does the server's refusal: an answer
    // comes after both.
    socket.write("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
  });
  socket.once("data", () => end());
  socket.once("error", (error: NodeJS.ErrnoException) => (met.error = error.code ?? error.message));
  socket.once("close", () => {
    met.error ??= "closed";
    end();
  });
  await over;
  socket.destroy();
  return { ...met };
}

async function listening(t: TestContext, server: tls.Server): Promise<number> {
  server.on("tlsClientError", () => {});
  server.listen(0, "127.0.0.1");
  t.after(() => server.close());
  await once(server, "listening");
  return (server.address() as net.AddressInfo).port;
}

const NO_CERTIFICATE: tls.ConnectionOptions = { key: undefined, cert: undefined };

for (const { name, create } of KINDS) {
  test(`61. a reload keeps the server's other options and its session tickets (${name})`, async (t) => {
    const server = create(STRICT);
    const port = await listening(t, server);
    const before = await meet(port);
    assert.equal(before.seen, FIRST);

    const own = new ServerCertificate(server);
    await own.replace(secondCertificate);
    await own.replace(certificate);
    await own.replace(secondCertificate);

    const after = await meet(port);
    assert.equal(after.seen, SECOND);
    assert.equal(after.cipher, "TLS_AES_256_GCM_SHA384");
    assert.ok((await meet(port, { maxVersion: "TLSv1.2" })).error, "minVersion is lost");
    assert.ok((await meet(port, NO_CERTIFICATE)).error, "requestCert is lost");
    assert.ok((await meet(port, { ciphers: "TLS_AES_128_GCM_SHA256" })).error);
    assert.ok(before.session);
    const resumed = await meet(port, { session: before.session });
    assert.equal(resumed.error, undefined);
    assert.equal(resumed.resumed, true, "the ticket of before no longer resumes");
  });

  test(`61. (control: setSecureContext with the new certificate alone loses them, ${name})`, async (t) => {
    const server = create(STRICT);
    const port = await listening(t, server);
    const before = await meet(port);
    assert.ok(before.session);

    server.setSecureContext(secondCertificate);

    // Without `ca` nobody's certificate is good any more.
    assert.ok((await meet(port)).error);
    const lenient = create({ ...certificate, minVersion: "TLSv1.3" });
    const lenientPort = await listening(t, lenient);
    const { session } = await meet(lenientPort);
    assert.ok(session);
    assert.ok((await meet(lenientPort, { maxVersion: "TLSv1.2" })).error);
    lenient.setSecureContext(secondCertificate);
    const old = await meet(lenientPort, { maxVersion: "TLSv1.2" });
    assert.equal(old.error, undefined, "TLS 1.2 is accepted now");
    assert.equal((await meet(lenientPort, { session })).resumed, false);
  });
}

// What must not be loaded.

function folder(t: TestContext): string {
  const made = mkdtempSync(path.join(tmpdir(), "lastcall-certificate-"));
  t.after(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

function write(into: string, key: string, cert: string): CertificateFiles {
  const files = { keyFile: path.join(into, "key.pem"), certFile: path.join(into, "cert.pem") };
  writeFileSync(files.keyFile, key);
  writeFileSync(files.certFile, cert);
  return files;
}

test("61. bad files and keys leave the old certificate in place, with a clear error", async (t) => {
  const { service, server, target }: Served = await serve(t, (_req, res) => res.end("ok"), {
    tls: true,
  });
  const { key, cert } = secondCertificate;
  const into = folder(t);
  const good = write(into, key, cert);
  const bad: [what: string, source: CertificateContents | CertificateFiles, message: RegExp][] = [
    ["a key of another certificate", { key: certificate.key, cert }, /together.*mismatch/],
    ["key and certificate swapped", { key: cert, cert: key }, /cannot be used/],
    ["half a certificate", { key, cert: cert.slice(0, 300) }, /cannot be used/],
    ["no PEM", { key: "key", cert: "cert" }, /cannot be used/],
    ["an empty key", { key: "", cert }, /expected `key` to be PEM/],
    ["an empty certificate", { key, cert: Buffer.alloc(0) }, /expected `cert` to be PEM/],
    ["no key", { key: undefined, cert } as never, /expected `key` to be PEM, got `undefined`/],
    [
      "no file",
      { ...good, certFile: path.join(into, "none.pem") },
      /`certFile`.*none\.pem.*ENOENT/,
    ],
    ["a folder", { ...good, keyFile: into }, /`keyFile`.*EISDIR/],
  ];
  for (const [what, source, message] of bad) {
    await assert.rejects(service.reloadCertificate(server, source), (error) => {
      const { code, message: text } = error as NodeJS.ErrnoException;
      assert.equal(code, "ERR_LASTCALL_CERTIFICATE", what);
      assert.match(text, /^The certificate was not replaced, the old one stays in use: /, what);
      assert.match(text, message, what);
      return true;
    });
    assert.equal(await seenBy(target), FIRST, what);
  }
  await service.reloadCertificate(server, good);
  assert.equal(await seenBy(target), SECOND);
});

test("61. of several reloads at once the last wins, and one that fails stops no other", async (t) => {
  const { service, server, target } = await serve(t, (_req, res) => res.end("ok"), { tls: true });
  const files = write(folder(t), certificate.key, certificate.cert);
  const results = await Promise.allSettled([
    service.reloadCertificate(server, files),
    service.reloadCertificate(server, { ...files, keyFile: "/nowhere" }),
    service.reloadCertificate(server, secondCertificate),
  ]);
  assert.deepEqual(
    results.map(({ status }) => status),
    ["fulfilled", "rejected", "fulfilled"],
  );
  assert.equal(await seenBy(target), SECOND);
});

test("61. what is no TLS server of this service is refused", async (t) => {
  const { service, server } = await serve(t, (_req, res) => res.end("ok"));
  const argument = { code: "ERR_LASTCALL_ARGUMENT" };
  await assert.rejects(service.reloadCertificate(server, certificate), {
    ...argument,
    message: /`server` to be a TLS server/,
  });
  const elsewhere = https.createServer(certificate);
  await assert.rejects(service.reloadCertificate(elsewhere, certificate), {
    ...argument,
    message: /`server` to be a server that is attached to this service/,
  });
  const other = lastcall({ ...QUIET, lameDuck: false });
  other.attach(elsewhere);
  await assert.rejects(other.reloadCertificate(elsewhere, {} as never), {
    ...argument,
    message: /`certificate` to be `\{ key, cert \}` or `\{ keyFile, certFile \}`/,
  });
  other.uninstall();
  await assert.rejects(other.reloadCertificate(elsewhere, certificate), {
    code: "ERR_LASTCALL_UNINSTALLED",
  });
  for (const [options, code] of [
    [{ reloadCertificate: { keyFile: "k" } }, "ERR_LASTCALL_OPTION"],
    [
      { reloadCertificate: { keyFile: "k", certFile: "c", signal: "SIGTERM" } },
      "ERR_LASTCALL_OPTION",
    ],
    [{ nobodyKnows: true }, "ERR_LASTCALL_OPTION"],
  ] as const) {
    const owner = lastcall({ report: false });
    const secure = https.createServer(certificate);
    assert.throws(() => owner.attach(secure, options as never), { code });
    owner.uninstall();
  }
});

test("61. a certificate is read again on SIGHUP: good files are loaded, bad ones are not", async (t) => {
  const into = folder(t);
  write(into, certificate.key, certificate.cert);
  const program = start(t, "reloads-certificate", [into]);
  const target = { port: await program.port(), tls: true };
  assert.equal(await seenBy(target), FIRST);

  write(into, secondCertificate.key, secondCertificate.cert);
  program.kill("SIGHUP");
  await program.says(/loaded CN=second/);
  assert.equal(await seenBy(target), SECOND);

  write(into, certificate.key, secondCertificate.cert);
  program.kill("SIGHUP");
  await program.says(
    /certificate-kept: The certificate was not replaced, the old one stays in use/,
  );
  assert.equal(await seenBy(target), SECOND);

  program.kill("SIGTERM");
  assert.deepEqual(await program.exit, { code: 0, signal: null });
  assert.match(program.stderr, /LastcallWarning: The certificate was not replaced/);
});

test("61. the listener for the signal goes with the service", async (t) => {
  const before = process.listenerCount("SIGHUP");
  const service = lastcall({ ...QUIET, lameDuck: false });
  const server = https.createServer(certificate);
  t.after(() => server.close());
  service.attach(server, { reloadCertificate: { keyFile: "k", certFile: "c" } });
  await listen(server);
  assert.equal(process.listenerCount("SIGHUP"), before + 1);
  await service.drain();
  assert.equal(process.listenerCount("SIGHUP"), before);
});
