import { lettingGo, processes } from "./arrivals.js";
import { simulate } from "./simulate.js";

export const LAGS = [0, 0.5, 1, 2, 5, 10];
const MANY = [30, 100, 300, 1_000];

const mean = (list) => list.reduce((sum, each) => sum + each, 0) / list.length;

function repeat(runs, options) {
  return Array.from({ length: runs }, (_, index) => simulate({ ...options, seed: index + 1 }));
}

/** Seconds saved / connections refused, per stop. */
function cell(stops, way) {
  const saved = mean(stops.map((stop) => stop[way].saved));
  const refused = mean(stops.map((stop) => stop[way].refused));
  return `${saved.toFixed(1)} s / ${refused === 0 ? "0" : refused.toFixed(refused < 10 ? 2 : 0)}`;
}

const row = (cells) => `| ${cells.join(" | ")} |`;
const head = (cells) => [row(cells), row(cells.map((_, index) => (index === 0 ? "---" : "---:")))];

/** On evidence, clients independent, all balancers letting go at once: one rate, all lags. */
export function rateRow(rate, runs) {
  const cells = LAGS.map((lag) => cell(repeat(runs, { rate, lag: lag * 1_000 }), "evidence"));
  return row([rate.toLocaleString("en"), ...cells]);
}

export function rateHead() {
  return head(["new clients per second", ...LAGS.map((lag) => `lag ${lag} s`)]);
}

const WAYS = ["evidence", "formula", "sleep", "shortSleep"];

/** One way of letting go; all processes, all ways to end, high rates, all lags. */
export function waysTable(letGo, runs) {
  const lines = Object.keys(processes).map((process) => {
    const stops = MANY.flatMap((rate) =>
      LAGS.flatMap((lag) => repeat(runs, { process, letGo, rate, lag: lag * 1_000 })),
    );
    return row([process, ...WAYS.map((way) => cell(stops, way))]);
  });
  const names = ["on evidence", "formula alone", "sleep of 15 s", "sleep of 5 s"];
  return [...head([`clients; balancers let go ${letGo}`, ...names]), ...lines];
}

export const waysOfLettingGo = Object.keys(lettingGo);
