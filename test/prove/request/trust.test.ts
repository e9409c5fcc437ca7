// Whose certificate is believed, by what name a service is called, and that it is checked at all.
import assert from "node:assert/strict";
import https from "node:https";
import { once } from "node:events";
import type net from "node:net";
import { test, type TestContext } from "node:test";
import { CannotRunError, prove, type ProveOptions } from "#src/prove/index.js";
import { parseUrl } from "#src/prove/request/url.js";
import { certificate, secondCertificate } from "../../harness/tls.js";
import { proveFixture } from "../prove-fixture.js";

/** An HTTPS server that notes by what names it was called. */
async function serve(t: TestContext): Promise<{ port: number; names: Set<string> }> {
  const names = new Set<string>();
  const options = { ...certificate, ALPNProtocols: ["h2", "http/1.1"] };
  const server = https.createServer(options, (request, response) => {
    names.add(`${request.url ?? ""} ${request.headers.host ?? ""}`);
    response.end("ok");
  });
  server.on("secureConnection", ({ servername }) => names.add(`SNI ${String(servername)}`));
  await once(server.listen(0, "127.0.0.1"), "listening");
  t.after(() => server.close().closeAllConnections());
  return { port: (server.address() as net.AddressInfo).port, names };
}

function load(url: string, trust: Partial<ProveOptions>): ReturnType<typeof prove> {
  return prove({
    url,
    during: "true",
    warmup: 20,
    tail: 0,
    clients: { pool: 2, fresh: 1 },
    ...trust,
  });
}

async function assertUntrusted(running: Promise<unknown>): Promise<void> {
  await assert.rejects(running, (error: unknown) => {
    assert.ok(error instanceof CannotRunError);
    assert.equal(error.code, "PROVE_UNTRUSTED");
    assert.match(error.message, /^the certificate of \S+:\d+ is not trusted \([A-Z_]+\): /);
    return true;
  });
}

test("https: an unknown authority is refused, --ca and --insecure let it pass, by name and SNI", async (t) => {
  const { port, names } = await serve(t);
  const url = `https://localhost:${String(port)}/health?x=1`;
  await assertUntrusted(load(url, {}));
  await assertUntrusted(load(url, { ca: secondCertificate.cert }));
  assert.equal((await load(url, { ca: certificate.cert })).verdict, "pass");
  assert.deepEqual([...names].sort(), [`/health?x=1 localhost:${String(port)}`, "SNI localhost"]);
  assert.equal((await load(url, { insecure: true })).verdict, "pass");
});

test("https: HTTP/2 asks for the certificate too", async (t) => {
  const { port } = await serve(t);
  await assertUntrusted(load(`https://localhost:${String(port)}`, { h2: ["GET /"] }));
});

test("--tls: a certificate on loopback is checked only against --ca", async () => {
  const env = { ...process.env, TLS: "1", LAME_DUCK_MS: "400" };
  const options = { tls: true, env, clients: { pool: 2, idle: 1 } };
  const { result } = await proveFixture("stops-correctly", { ...options, ca: certificate.cert });
  assert.equal(result.verdict, "pass");
  await assertUntrusted(
    proveFixture("stops-correctly", { ...options, ca: secondCertificate.cert }),
  );
});

test("URLs: host, port, name and path", () => {
  const shown = (url: string): unknown => {
    const { address, isTls, path } = parseUrl(url) ?? {};
    return address && [address.host, address.port, address.authority, isTls, path];
  };
  assert.deepEqual(shown("https://a.example"), ["a.example", 443, "a.example", true, "/"]);
  assert.deepEqual(shown("http://a.example:80/x"), ["a.example", 80, "a.example", false, "/x"]);
  assert.deepEqual(shown("http://[::1]:8080"), ["::1", 8080, "[::1]:8080", false, "/"]);
  for (const wrong of ["a.example", "ftp://a.example", "http://u:p@a.example", "http://a/#b", ""]) {
    assert.equal(parseUrl(wrong), undefined, wrong);
  }
});
