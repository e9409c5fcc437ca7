// @ts-check
// The picture of docs/how-it-works.md: what becomes of what in each phase of a drain, with the windows that a service
// has by default. One file for bright and for dark pages. `node docs/timeline.js` writes it.
import { existsSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** @typedef {import("#src/budget.js").Budget} Budget */

const FILE = path.join(import.meta.dirname, "how-it-works.svg");
const WIDTH = 760;
const LEFT = 112;
const TOP = 58;
const LANE = 28;

/** The phases in their order, as wide as what is written in them. */
const PHASES = [
  { name: "ready", width: 72 },
  { name: "lame-duck", width: 150 },
  { name: "draining", width: 168 },
  { name: "aborting", width: 96 },
  { name: "closing", width: 92 },
  { name: "margin", width: 62 },
];

/**
 * What becomes of one thing: spans of phases, each with what happens and how it looks.
 *
 * @type {readonly { name: string, spans: readonly [from: string, to: string, text: string, look: string][] }[]}
 */
const LANES = [
  {
    name: "readiness",
    spans: [
      ["ready", "ready", "200", "on"],
      ["lame-duck", "closing", "503", "off"],
    ],
  },
  {
    name: "listener",
    spans: [
      ["ready", "lame-duck", "open", "on"],
      ["draining", "closing", "closed, once its queue is empty", "off"],
    ],
  },
  {
    name: "new requests",
    spans: [
      ["ready", "ready", "answered", "on"],
      ["lame-duck", "lame-duck", "answered, say close", "on"],
      ["draining", "draining", "on open connections", "on"],
    ],
  },
  {
    name: "in flight",
    spans: [
      ["ready", "draining", "go on to their end", "on"],
      ["aborting", "aborting", "signal aborts", "warn"],
      ["closing", "closing", "cut", "cut"],
    ],
  },
  {
    name: "silent sockets",
    spans: [
      ["ready", "lame-duck", "kept", "on"],
      ["draining", "draining", "closed, spread out", "off"],
    ],
  },
  {
    name: "tasks",
    spans: [
      ["ready", "ready", "work", "on"],
      ["lame-duck", "draining", "take no new work, finish", "on"],
      ["aborting", "aborting", "signal aborts", "warn"],
      ["closing", "closing", "left", "cut"],
    ],
  },
  {
    name: "hooks",
    spans: [["closing", "closing", "run", "on"]],
  },
  {
    name: "process",
    spans: [
      ["ready", "closing", "serves, then stops: earlier where nothing is left to do", "on"],
      ["margin", "margin", "exits", "off"],
    ],
  },
];

const STYLE = `
  text { font: 12px ui-sans-serif, system-ui, -apple-system, "Segoe UI", sans-serif; fill: #57606a }
  .name { font-weight: 600; fill: #1f2328 } .in { text-anchor: middle; fill: #1f2328 }
  .on { fill: #b6dcfa } .off { fill: #e4e8ec } .warn { fill: #fae3a1 } .cut { fill: #ffc9c4 }
  .edge { stroke: #8c959f; stroke-dasharray: 2 3 }
  @media (prefers-color-scheme: dark) {
    text { fill: #9198a1 } .name, .in { fill: #f0f6fc }
    .on { fill: #1f4f7d } .off { fill: #30363d } .warn { fill: #6b5410 } .cut { fill: #7d2a26 }
    .edge { stroke: #656c76 }
  }`;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const dist = path.join(import.meta.dirname, "..", "dist");
  if (!existsSync(dist)) throw new Error("it is not built: `npm run build`");
  const { planBudget } = await import("../dist/budget.js");
  const { readOptions } = await import("../dist/options/settings.js");
  writeFileSync(FILE, drawTimeline(planBudget(readOptions({}, {}))));
}

/**
 * @param {Budget} budget
 */
export function drawTimeline(budget) {
  const height = TOP + LANES.length * LANE + 8;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="title">
<title id="title">${describe()}</title>
<style>${STYLE}
</style>
${drawHead(budget, height)}
${LANES.map((lane, at) => drawLane(lane, TOP + at * LANE)).join("\n")}
</svg>
`;
}

/** The picture in words, for those who do not see it. */
function describe() {
  const lanes = LANES.map(
    ({ name, spans }) => `${name}: ${spans.map(([from, , text]) => `${from} ${text}`).join(", ")}`,
  );
  return `A drain over time. ${lanes.join("; ")}.`;
}

/**
 * @param {Budget} budget
 * @param {number} height
 */
function drawHead(budget, height) {
  const { lameDuckMs, drainingMs, abortingMs, closingMs, marginMs } = budget;
  const windows = [undefined, lameDuckMs, drainingMs, abortingMs, closingMs, marginMs];
  const phases = PHASES.map(({ name, width }, at) => {
    const [x, ms] = [startOf(name), windows[at]];
    const time = ms === undefined ? "" : `${at === 1 ? "≤ " : ""}${ms / 1_000} s`;
    const word = at === 1 ? "signal ┊ " : "";
    return [
      at === 0
        ? ""
        : `<line class="edge" x1="${x}" y1="${at === 1 ? 6 : 24}" x2="${x}" y2="${height - 6}"/>\n`,
      at === 1 ? `<text x="${x + 5}" y="16">${word.replace(" ┊ ", "")}</text>\n` : "",
      `<text class="name in" x="${x + width / 2}" y="34">${name}</text>\n`,
      `<text class="in" x="${x + width / 2}" y="49">${time}</text>`,
    ].join("");
  });
  const end = WIDTH - 8;
  return [
    `<text x="8" y="16">${budget.gracePeriodMs / 1_000} s of grace</text>`,
    ...phases,
    `<line class="edge" x1="${end}" y1="6" x2="${end}" y2="${height - 6}"/>`,
    `<text x="${end - 5}" y="16" text-anchor="end">deadline: SIGKILL</text>`,
  ].join("\n");
}

/**
 * @param {typeof LANES[number]} lane
 * @param {number} y
 */
function drawLane({ name, spans }, y) {
  const bars = spans.map(([from, to, text, look]) => {
    const x = startOf(from);
    const width = startOf(to) + widthOf(to) - x;
    return [
      `<rect class="${look}" x="${x + 2}" y="${y}" width="${width - 4}" height="${LANE - 6}" rx="3"/>`,
      `<text class="in" x="${x + width / 2}" y="${y + 15}">${text}</text>`,
    ].join("\n");
  });
  return [`<text class="name" x="8" y="${y + 15}">${name}</text>`, ...bars].join("\n");
}

/** @param {string} phase */
function startOf(phase) {
  const before = PHASES.slice(
    0,
    PHASES.findIndex(({ name }) => name === phase),
  );
  return LEFT + before.reduce((sum, { width }) => sum + width, 0);
}

/** @param {string} phase */
function widthOf(phase) {
  return PHASES.find(({ name }) => name === phase)?.width ?? 0;
}
