// Which clients take an answer for a whole one that a drain has ended early: `npm run build && node scripts/torn.mjs`. Each client
// prints `whole` or why it was not. Without Go or a Chromium in `PATH` those columns are left out, and the run says so.
import { execFile, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";

import { lastcall } from "lastcall";
import { request } from "undici";

const BUDGET = {
  gracePeriod: 2_500,
  abortWindow: 100,
  closingWindow: 400,
  margin: 500,
  closeSpread: 200,
};

/** How an answer is made that is never ended by its handler. */
const ANSWERS = {
  chunked: (res) => res.writeHead(200, { "Content-Type": "text/plain" }),
  "with a length": (res) =>
    res.writeHead(200, { "Content-Type": "text/plain", "Content-Length": 1_000 }),
  "ends with its connection": (res) => {
    res.removeHeader("Transfer-Encoding");
    res.removeHeader("Content-Length");
    res.writeHead(200, { "Content-Type": "text/plain" });
  },
  "events of a language model": (res) =>
    res.writeHead(200, { "Content-Type": "text/event-stream" }),
};

/** A page whose `fetch` asks, and tells another server what it made of the answer: its own has stopped by then. */
const page = (teller) => `<script>
fetch("/answer").then((answer) => answer.text()).then(() => "whole", (error) => "torn: " + error.name)
  .then((text) => fetch("${teller}/?" + encodeURIComponent(text), { mode: "no-cors" }));
</script>`;

/** What a client does on purpose: undici ends an answer in order when its connection is reset, where nothing else would end it. */
const KNOWN = { "ends with its connection": "undici" };

function run(file, args) {
  return new Promise((resolve) => {
    execFile(file, args, { timeout: 60_000 }, (error, stdout) =>
      resolve({ code: error?.code ?? 0, stdout }),
    );
  });
}

const folder = mkdtempSync(path.join(os.tmpdir(), "lastcall-torn-"));
const go = path.join(folder, "ask");
const built = spawnSync("go", [
  "build",
  "-o",
  go,
  path.join(import.meta.dirname, "torn", "main.go"),
]);
const chromium = ["chromium", "chromium-browser", "google-chrome"].find(
  (name) => spawnSync(name, ["--version"]).status === 0,
);

const CLIENTS = {
  async curl({ url }) {
    const { code } = await run("curl", ["-sS", "-o", "/dev/null", url]);
    return code === 0 ? "whole" : `torn: exit ${code}`;
  },
  async undici({ url }) {
    const { body } = await request(url);
    return body.text().then(
      () => "whole",
      (error) => `torn: ${error.code ?? error.message}`,
    );
  },
  ...(built.status === 0 && {
    async Go({ url }) {
      return (await run(go, [url])).stdout.trim();
    },
  }),
  ...(chromium !== undefined && {
    async "fetch of Chromium"({ origin, seen }) {
      const profile = `--user-data-dir=${mkdtempSync(path.join(folder, "profile-"))}`;
      const flags = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        profile,
      ];
      const browser = execFile(chromium, [...flags, "--remote-debugging-port=0", `${origin}/page`]);
      const text = await seen;
      browser.kill();
      await once(browser, "exit");
      return text;
    },
  }),
};

async function listen(server) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${server.address().port}`;
}

/** Asks once, stops when the answer has begun, and resolves to what the client made of it. */
async function judge(begin, ask) {
  const ear = http.createServer((_req, res) => res.end());
  const teller = await listen(ear);
  const seen = once(ear, "request").then(([{ url }]) => decodeURIComponent(url.slice("/?".length)));
  const service = lastcall({ signals: false, report: false, lameDuck: false, ...BUDGET });
  const stopped = new Promise((resolve) => {
    service.on("drain-end", resolve);
  });
  const server = http.createServer((req, res) => {
    if (req.url !== "/answer") {
      res.writeHead(200, { "Content-Type": "text/html" }).end(page(teller));
      return;
    }
    begin(res);
    res.write("data: half of it\n\n");
    void service.drain();
  });
  const origin = await listen(service.attach(server));
  const verdict = await ask({ url: `${origin}/answer`, origin, seen });
  await stopped;
  ear.close();
  ear.closeAllConnections();
  return verdict;
}

const names = Object.keys(CLIENTS);
console.log(`| answer | ${names.join(" | ")} |\n| --- | ${names.map(() => "---").join(" | ")} |`);
let isWhole = false;
for (const [what, begin] of Object.entries(ANSWERS)) {
  const cells = [];
  for (const name of names) cells.push(await judge(begin, CLIENTS[name]));
  isWhole ||= cells.some((cell, index) => !cell.startsWith("torn") && KNOWN[what] !== names[index]);
  console.log(`| ${what} | ${cells.join(" | ")} |`);
}
if (built.status !== 0) console.log("Go is not installed");
if (chromium === undefined) console.log("no Chromium is installed");
rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
process.exitCode = isWhole ? 1 : 0;
