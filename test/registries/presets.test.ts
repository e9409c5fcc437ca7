// What a registry that does not answer as it should does to a stop: nothing but a warning. The presets against the real
// servers are in test/services/registries.test.ts.
import assert from "node:assert/strict";
import http, { type RequestListener } from "node:http";
import { suite, test, type TestContext } from "node:test";

import { lastcall, type RegistryCalls } from "lastcall";
import { consul } from "lastcall/registries/consul";
import { etcd } from "lastcall/registries/etcd";

import { listen, QUIET } from "../harness/serve.js";
import { withResolvers } from "../harness/wire.js";

const TTL = 3_000;

const PRESETS: Readonly<Record<string, (base: string) => RegistryCalls>> = {
  consul: (agent) => consul({ agent, name: "orders", address: "10.0.0.1", port: 1, ttl: TTL }),
  etcd: (base) => etcd({ endpoints: [base], key: "a", value: "b", ttl: TTL }),
};

/** Answers that are none. */
const TOXICS: Readonly<Record<string, RequestListener>> = {
  hangs: () => {},
  "hangs in the middle": (_req, res) => {
    res.writeHead(200, { "content-length": 100 }).write("{");
  },
  "answers 500": (_req, res) => res.writeHead(500).end("no cluster leader"),
  "answers half": (_req, res) => {
    res.writeHead(200, { "content-length": 100 });
    res.write("{", () => res.destroy());
  },
  "answers late": (_req, res) => void setTimeout(() => res.end("{}"), 5_000),
  "answers 403": (_req, res) => res.writeHead(403).end("Permission denied"),
};

/** What answers well: enough for both presets to be entered. */
const well: RequestListener = (_req, res) => res.end('{"ID":"1","result":{"TTL":"1"}}');

async function registry(
  t: TestContext,
): Promise<{ base: string; turn: (to: RequestListener) => void }> {
  let answer = well;
  const server = http.createServer((req, res) => {
    req.resume();
    answer(req, res);
  });
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const base = `http://127.0.0.1:${await listen(server)}`;
  return { base, turn: (to) => (answer = to) };
}

/** Enters, spoils the registry, and stops. */
async function stop(t: TestContext, calls: RegistryCalls, spoil: () => void) {
  const service = lastcall({ ...QUIET, lameDuck: { min: 50, max: 50 } });
  t.after(() => service.abort());
  const entered = withResolvers<void>();
  service.on("registry-enter", () => entered.resolve());
  service.registry("registry", calls, { ttl: TTL, settle: 50, timeout: 1_500 });
  await listen(service.attach(http.createServer()));
  await entered.promise;
  spoil();
  const begun = performance.now();
  const report = await service.drain();
  return { report, tookMs: performance.now() - begun };
}

for (const [name, preset] of Object.entries(PRESETS)) {
  suite(`${name} that does not answer`, { concurrency: true }, () => {
    for (const [what, toxic] of Object.entries(TOXICS)) {
      test(`${what}: bounded by its timeout and its ttl, a warning, clean`, async (t) => {
        const { base, turn } = await registry(t);
        const { report, tookMs } = await stop(t, preset(base), () => turn(toxic));
        const { outcome, registries, warnings } = report;
        assert.equal(outcome, "clean");
        assert.ok(["failed", "timeout"].includes(registries[0]?.result ?? ""));
        assert.ok(warnings.some(({ code }) => code === "registry-failed"));
        // Half a second for the last beat, what is left of the entry's time, and a busy machine. Without a bound it would be for ever.
        assert.ok(tookMs < 12_000, `${tookMs} ms`);
      });
    }

    test("is entered late where it is down at first", async (t) => {
      const { base, turn } = await registry(t);
      turn(TOXICS["answers 500"]!);
      const service = lastcall({ ...QUIET, lameDuck: false });
      t.after(() => service.abort());
      const [failed, entered] = [withResolvers<string>(), withResolvers<void>()];
      service.on("warning", ({ message }) => failed.resolve(message));
      service.on("registry-enter", () => entered.resolve());
      service.registry("registry", preset(base), { ttl: TTL });
      await listen(service.attach(http.createServer()));
      assert.match(await failed.promise, /enter: .*500 no cluster leader/);
      turn(well);
      await entered.promise;
    });

    test("(control) one that answers is left, without a warning", async (t) => {
      const { base } = await registry(t);
      const calls = preset(base);
      // What it lists is for the real ones to say.
      const { isGone: _isGone, ...others } = calls;
      const { report } = await stop(t, others, () => {});
      assert.deepEqual([report.registries[0]?.result, report.warnings], ["left", []]);
    });
  });
}
