// The picture of a rollout: for each way to stop one row of columns over time, what was answered above the line and
// what was lost below it. One file for bright and for dark pages.

const WIDTH = 760;
const LEFT = 12;
const ROW = 98;
const TOP = 34;
const PLOT = WIDTH - 2 * LEFT;

const TITLES = { lastcall: "lastcall", close: "server.close()" };

const STYLE = `
  text { font: 12px ui-sans-serif, system-ui, -apple-system, "Segoe UI", sans-serif; fill: #57606a }
  .name { font-weight: 600; fill: #1f2328 }
  .lost, .count { fill: #cf222e } .answered { fill: #54a0e0 } .none { fill: #1a7f37 }
  .count, .none { font-weight: 600 }
  .axis { stroke: #8c959f } .signal { stroke: #8c959f; stroke-dasharray: 2 3 }
  @media (prefers-color-scheme: dark) {
    text { fill: #9198a1 } .name { fill: #f0f6fc }
    .lost, .count { fill: #ff7b72 } .answered { fill: #3d7fc4 } .none { fill: #3fb950 }
    .axis, .signal { stroke: #656c76 }
  }`;

/** `result` as main.js writes it. */
export function draw({ haproxy, rate, stepMs, ways }) {
  const steps = Math.max(...ways.map((way) => way.steps.answered.length));
  const scale = { steps, stepMs, most: (rate * stepMs) / 1_000 };
  const height = TOP + ways.length * ROW + 18;
  const rows = ways.map((way, index) => drawWay(way, TOP + index * ROW, scale));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="title">
<title id="title">${describe(ways)}</title>
<style>${STYLE}
</style>
<text x="${LEFT}" y="18">Two instances behind HAProxy ${haproxy}, told to stop (┊) one after the other, ${rate} requests a second</text>
${rows.join("\n")}
${drawAxis(height, scale)}
</svg>
`;
}

/** The figures in words, for those who do not see the picture. */
export function describe(ways) {
  const parts = ways.map(
    ({ how, lost, sent }) => `${TITLES[how]}: ${format(lost)} of ${format(sent)} requests lost`,
  );
  return `A rolling restart behind HAProxy. ${parts.join("; ")}.`;
}

function drawWay({ how, steps, stops, lost, sent }, top, { steps: all, stepMs, most }) {
  const width = PLOT / all;
  const base = top + 64;
  const column = (kind, count, index) => {
    if (count === 0) return [];
    const tall = Math.max(kind === "lost" ? 5 : 0, Math.min(40, (count / most) * 34));
    const y = kind === "lost" ? base + 1 : base - tall;
    return [
      `<rect class="${kind}" x="${round(LEFT + index * width)}" y="${round(y)}" width="${round(width - 1)}" height="${round(tall)}"/>`,
    ];
  };
  const columns = steps.answered.flatMap((answered, index) => [
    ...column("answered", answered, index),
    ...column("lost", steps.lost[index], index),
    ...label(steps.lost, index, (to) => `x="${round(LEFT + to * width + 3)}" y="${base + 12}"`),
  ]);
  const marks = stops.flatMap(({ atMs, tookMs, end }) => {
    const x = round(LEFT + (atMs / stepMs) * width);
    const how = end === "SIGKILL" ? "killed after" : "gone in";
    return [
      `<line class="signal" x1="${x}" y1="${top + 20}" x2="${x}" y2="${base + 12}"/>`,
      `<text x="${round(x + 4)}" y="${top + 25}">${how} ${(tookMs / 1_000).toFixed(1)} s</text>`,
    ];
  });
  return [
    `<text class="name" x="${LEFT}" y="${top + 12}">${TITLES[how]}</text>`,
    `<text class="${lost === 0 ? "none" : "count"}" x="${WIDTH - LEFT}" y="${top + 12}" text-anchor="end">${format(lost)} of ${format(sent)} lost</text>`,
    ...columns,
    `<line class="axis" x1="${LEFT}" y1="${base}" x2="${WIDTH - LEFT}" y2="${base}"/>`,
    ...marks,
  ].join("\n");
}

/** How many were lost in a row, behind the last of them: with a second or less in between they are one row. */
function label(lost, index, at) {
  const isLast = lost[index] > 0 && lost.slice(index + 1, index + 6).every((count) => count === 0);
  if (!isLast) return [];
  let first = index;
  for (let back = index; back >= 0 && back > first - 6; back--) if (lost[back] > 0) first = back;
  const count = lost.slice(first, index + 1).reduce((sum, each) => sum + each, 0);
  return [`<text class="count" ${at(index + 1)}>${format(count)} lost</text>`];
}

function drawAxis(height, { steps, stepMs }) {
  const seconds = Math.floor((steps * stepMs) / 1_000);
  const labels = [];
  for (let second = 0; second <= seconds; second += 2) {
    const x = round(LEFT + (second * 1_000 * PLOT) / (steps * stepMs));
    if (x < WIDTH - 30) labels.push(`<text x="${x}" y="${height - 6}">${second} s</text>`);
  }
  return labels.join("\n");
}

const round = (number) => Math.round(number * 10) / 10;
const format = (number) => number.toLocaleString("en");
