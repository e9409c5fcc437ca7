import { describeSource, listSources } from "../../findings/source.js";
import type { LintFinding } from "../../lint/index.js";
import type { ProveResult } from "../../prove/index.js";
import type { Io } from "../io.js";

/** What lint says of a deployment in which a stop goes wrong in this way. */
const FORETOLD: Readonly<Record<string, readonly string[]>> = {
  "exit/late": ["budget/exceeds-grant", "signal/detached"],
  "exit/died-of-signal": ["signal/no-listener", "signal/not-listened"],
  "exit/logs-lost": ["systemd/pipeline"],
  "effects/twice": ["nginx/retries-post", "haproxy/retries-post"],
  "keepalive/short-timeout": ["keepalive/balancer-outlives-server"],
  "listener/closed-before-lame-duck": ["lag/lame-duck-off", "lag/exceeds-lame-duck"],
  "process/left-children": ["signal/detached", "signal/package-manager-in-between"],
  "rollout/answered-5xx": ["nginx/no-failover", "traefik/no-health-check", "haproxy/no-check"],
  "rollout/gap": ["k8s/rollout-to-zero", "k8s/recreate", "swarm/stop-first-gap"],
  "rollout/refused": ["k8s/no-lag-window", "lag/exceeds-lame-duck", "k8s/prestop-exceeds-grace"],
  "signal/ignored": ["signal/no-listener", "signal/not-listened"],
  "signal/never-arrived": [
    "signal/package-manager-in-between",
    "signal/shell-in-between",
    "signal/detached",
    "pm2/shutdown-message",
  ],
};

/** Of more the first are enough to begin with. */
const MOST = 3;

/** The folder may be anything, also the root of a disk: it is looked through for a moment only. */
const BOUNDS = { files: 5_000, depth: 8, time: 500 };

/** After a proof that failed: names on stderr what lint finds in the folder that explains it. Never fails a run. */
export async function sayForetold({ findings }: ProveResult, { stderr }: Io): Promise<void> {
  const rules = new Set(findings.flatMap(({ id }) => FORETOLD[id] ?? []));
  if (rules.size === 0) return;
  const found = (await examineFolder()).filter(({ id }) => rules.has(id));
  for (const { id, what, evidence } of found.slice(0, MOST)) {
    const [place] = listSources(evidence);
    const where = place === undefined ? "" : ` (${describeSource(place)})`;
    stderr.write(`lastcall prove: \`lastcall lint\` would have found ${id}: ${what}${where}\n`);
  }
}

async function examineFolder(): Promise<readonly LintFinding[]> {
  try {
    const { createDiskProject, examine, walk } = await import("../../lint/index.js");
    const root = process.cwd();
    const { files } = walk(root, BOUNDS);
    return examine(createDiskProject(root, files, [])).findings;
  } catch {
    // What is in the folder was not what was asked about.
    return [];
  }
}
