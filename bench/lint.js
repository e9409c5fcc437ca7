// @ts-check
// What `lastcall lint` takes, start to end: a folder with one manifest, and one with a thousand.
//
//   npm run build && node bench/lint.js
//   RUNS=9 MANIFESTS=1000 node bench/lint.js
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const runs = Number(process.env["RUNS"] ?? 5);
const manifests = Number(process.env["MANIFESTS"] ?? 1_000);
const main = path.join(import.meta.dirname, "..", "dist", "cli", "main.js");

const folder = mkdtempSync(path.join(tmpdir(), "lastcall-bench-"));
try {
  for (const count of [1, manifests]) report(count, measure(write(count)));
} finally {
  rmSync(folder, { recursive: true });
}

/** @param {number} count */
function write(count) {
  const target = path.join(folder, String(count));
  mkdirSync(target);
  for (let at = 0; at < count; at += 1) {
    writeFileSync(path.join(target, `shop-${at}.yaml`), renderManifest(`shop-${at}`));
  }
  return target;
}

/**
 * A Deployment and its Service, of a usual size.
 *
 * @param {string} name
 */
function renderManifest(name) {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  labels: { app: ${name} }
spec:
  replicas: 3
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      terminationGracePeriodSeconds: 30
      containers:
        - name: shop
          image: registry.example/${name}:3
          ports: [{ containerPort: 8080 }]
          env:
            - { name: PORT, value: "8080" }
            - { name: NODE_ENV, value: production }
          resources: { requests: { cpu: 100m, memory: 128Mi } }
          readinessProbe:
            httpGet: { path: /readyz, port: 8080 }
---
apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec:
  selector: { app: ${name} }
  ports: [{ port: 80, targetPort: 8080 }]
`;
}

/**
 * Milliseconds and megabytes of each run. The process says its own memory as it ends.
 *
 * @param {string} cwd
 */
function measure(cwd) {
  const preload = `data:text/javascript,process.on("exit",()=>process.stderr.write("rss "+process.resourceUsage().maxRSS+" cpu "+(process.cpuUsage().user+process.cpuUsage().system)))`;
  return Array.from({ length: runs }, () => {
    const startedAt = performance.now();
    const { stderr } = spawnSync(process.execPath, ["--import", preload, main, "lint"], {
      cwd,
      encoding: "utf8",
    });
    const ms = performance.now() - startedAt;
    const [, rss = "0", cpu = "0"] = /rss (\d+) cpu (\d+)/.exec(stderr) ?? [];
    return { ms, cpuMs: Number(cpu) / 1_000, mb: Number(rss) / 1_024 };
  });
}

/**
 * @param {number} count
 * @param {{ ms: number, cpuMs: number, mb: number }[]} all
 */
function report(count, all) {
  const median = (/** @type {"ms" | "cpuMs" | "mb"} */ key) =>
    all.map((one) => one[key]).sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0;
  const [least, most] = [
    Math.min(...all.map(({ ms }) => ms)),
    Math.max(...all.map(({ ms }) => ms)),
  ];
  console.log(
    `${count} manifest${count === 1 ? "" : "s"}: ${median("ms").toFixed(0)} ms (${least.toFixed(0)}–${most.toFixed(0)}), ` +
      `${median("cpuMs").toFixed(0)} ms of processor time, ${median("mb").toFixed(0)} MB`,
  );
}
