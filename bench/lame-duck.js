// Seconds saved against connections refused when the lame duck ends on evidence, over simulated
// arrivals and the library's own decision. No clock and no socket: the same seeds, the same tables,
// on any machine. `RUNS=200 node bench/lame-duck.js` prints what docs/lame-duck.md shows.
import { lettingGo, processes } from "./lame-duck/arrivals.js";
import { simulate } from "./lame-duck/simulate.js";

const RUNS = Number(process.env.RUNS ?? 200);
const RATES = [0.1, 1, 3, 10, 30, 100, 300, 1_000];
const LAGS = [0, 0.5, 1, 2, 5, 10];

const mean = (list) => list.reduce((sum, each) => sum + each, 0) / list.length;
const row = (cells) => console.log(`| ${cells.join(" | ")} |`);
const head = (cells) => {
  row(cells);
  row(cells.map((_, index) => (index === 0 ? "---" : "---:")));
};
const repeat = (options) =>
  Array.from({ length: RUNS }, (_, seed) => simulate({ ...options, seed: seed + 1 }));
/** Seconds saved / connections refused, per stop. */
const cell = (runs, way) => {
  const refused = mean(runs.map((run) => run[way].refused));
  const shown = refused === 0 ? "0" : refused < 0.01 ? "<0.01" : Number(refused.toPrecision(2));
  return `${mean(runs.map((run) => run[way].saved)).toFixed(1)} s / ${shown}`;
};

console.log(`${RUNS} stops per cell; minimum 2 s, maximum 15 s\n`);
head(["arrivals per second", ...LAGS.map((lag) => `lag ${lag} s`)]);
for (const rate of RATES) {
  row([rate, ...LAGS.map((lag) => cell(repeat({ rate, lag: lag * 1_000 }), "evidence"))]);
}

for (const letGo of Object.keys(lettingGo)) {
  console.log(`\nBalancers let go: ${letGo}; rates 30 to 1,000, all lags\n`);
  head(["arrivals", "on evidence", "formula alone", "sleep of 15 s", "sleep of 5 s"]);
  for (const process of Object.keys(processes)) {
    const runs = [30, 100, 300, 1_000].flatMap((rate) =>
      LAGS.flatMap((lag) => repeat({ process, letGo, rate, lag: lag * 1_000 })),
    );
    row([process, ...["evidence", "formula", "sleep", "shortSleep"].map((way) => cell(runs, way))]);
  }
}
