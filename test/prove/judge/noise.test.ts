// What the machine does to the prover, and what the prover says of it.
import assert from "node:assert/strict";
import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { prove, renderVerdict, type ProveResult } from "#src/prove/index.js";
import { NoiseMeter } from "#src/prove/load/noise-meter.js";
import { MAIN } from "../../cli/run-cli.js";
import { commandOf } from "../prove-fixture.js";

const isLinux = process.platform === "linux";

test("noise is measured: a loop that is held up, a CPU that is waited for", async () => {
  const meter = new NoiseMeter();
  meter.begin();
  const until = performance.now() + 600;
  while (performance.now() < until);
  const noise = meter.read(null, []);
  assert.ok(noise.loopLagMaxMs >= 500 && noise.heldUpMs >= 500, JSON.stringify(noise));
  assert.equal(meter.stalls.length, 1);
  assert.equal(noise.cpuPressureShare === null, !hasPressure());
  assert.equal(noise.cpuWaitShare === null, !isLinux);
  meter.begin();
  await sleep(1);
  const after = meter.read(null, []);
  assert.ok(after.windowMs < noise.windowMs && after.heldUpMs <= after.windowMs, "it begins again");
});

function hasPressure(): boolean {
  try {
    return readFileSync("/proc/pressure/cpu", "utf8") !== "";
  } catch {
    return false;
  }
}

test(
  "76. its own failures (ports, own timeouts) are kept apart: a load process that did not run through most of the stop → no verdict, with the figures",
  { skip: isLinux ? false : "finds its load process in /proc" },
  async () => {
    const result = await proveHeldUp(1_400);
    assert.equal(result.verdict, "could-not-run");
    const [trial] = result.trials;
    assert.ok(trial !== undefined && trial.noise.heldUpMs > 1_000, JSON.stringify(trial?.noise));
    assert.match(
      renderVerdict(result),
      /no verdict, because:\n {2}(?:the load process did not get to run for|too noisy to judge: in [\d.]+ s the load process was held up for [\d.]+ s, .*event loop late by .* of [\d,]+ local ports in use \(try fewer )/,
    );
  },
);

/** Proves a correct service while its load process is stopped for that long, from the signal on. */
async function proveHeldUp(ms: number): Promise<ProveResult> {
  const held: NodeJS.Timeout[] = [];
  const env = { ...process.env, LAME_DUCK_MS: "700" };
  return prove({
    command: commandOf("stops-correctly"),
    env,
    warmup: 100,
    lag: 400,
    onProgress: ({ phase }) => {
      if (phase !== "signalled" || held.length > 0) return;
      const pid = findLoad();
      // Once the signal has been told of.
      held.push(setTimeout(() => process.kill(pid, "SIGSTOP"), 250));
      held.push(setTimeout(() => process.kill(pid, "SIGCONT"), 250 + ms));
    },
  });
}

/** The load process is a child of this one. */
function findLoad(): number {
  for (const entry of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const parent = /^\d+ \(.*\) \S (\d+)/s.exec(readFileSync(`/proc/${entry}/stat`, "utf8"))?.[1];
      const command = readFileSync(`/proc/${entry}/cmdline`, "utf8");
      if (Number(parent) === process.pid && command.includes("prove/load/main.js"))
        return Number(entry);
    } catch {
      // Gone meanwhile.
    }
  }
  throw new Error("no load process was found");
}

/** Runs the command where there are so many local ports, in a network of its own. */
function runWithPorts(from: number, to: number, args: readonly string[]): SpawnSyncReturns<string> {
  const range = `echo ${String(from)} ${String(to)} > /proc/sys/net/ipv4/ip_local_port_range`;
  const script = `ip link set lo up && ${range} && exec "$0" "$@"`;
  const command = ["-n", "sh", "-c", script, process.execPath, MAIN, ...args];
  return spawnSync("unshare", command, { encoding: "utf8", timeout: 60_000 });
}

/** A network of one's own takes root, `unshare` and `ip`. */
function whyNoNetwork(): string | false {
  if (!isLinux) return "needs network namespaces";
  const { status } = spawnSync("unshare", ["-n", "ip", "link", "set", "lo", "up"]);
  return status === 0 ? false : "needs root, `unshare` and `ip` for a network of its own";
}

test(
  "76. its own failures (ports, own timeouts) are kept apart: no local port left → exit 3, the figures, no verdict on the service",
  {
    skip: whyNoNetwork(),
  },
  () => {
    const load = ["--warmup", "100ms", "--lag", "100ms", "--clients", "pool=20,fresh=4"];
    const args = ["prove", ...load, "--", ...commandOf("exits-at-once")];
    const short = runWithPorts(40_000, 40_015, args);
    assert.equal(short.status, 3, short.stdout + short.stderr);
    assert.equal(short.stdout, "");
    assert.match(
      short.stderr,
      /could not run: the prover's own load failed: connection \d+: EADDRNOTAVAIL \(no local port was left for a connection, 1[0-6] of 16 in use towards the service: widen net\.ipv4\.ip_local_port_range/,
    );
    const control = runWithPorts(40_000, 49_999, args);
    assert.equal(control.status, 1, "control: with ports enough the same service has a verdict");
  },
);
