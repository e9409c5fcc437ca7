// Seconds saved against connections refused when the lame duck ends on evidence, over simulated
// arrivals and the library's own decision. No clock and no socket: the same seeds give the same
// tables on any machine. They are in docs/lame-duck.md.
import { rateHead, rateRow, waysOfLettingGo, waysTable } from "./lame-duck/tables.js";

const RUNS = Number(process.env.RUNS ?? 100);

console.log(`${RUNS} stops per cell; minimum 2 s, maximum 15 s\n`);
for (const line of rateHead()) console.log(line);
for (const rate of [0.1, 1, 3, 10, 30, 100, 300, 1_000]) console.log(rateRow(rate, RUNS));
for (const letGo of waysOfLettingGo) console.log(`\n${waysTable(letGo, RUNS).join("\n")}`);
