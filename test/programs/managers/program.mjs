// A program that takes half a second to stop, and writes what it hears of.
import { appendFileSync } from "node:fs";

const say = (line) => appendFileSync("log", `${line}\n`);
for (const signal of ["SIGTERM", "SIGINT"]) {
  process.on(signal, () => {
    say(signal);
    setTimeout(() => {
      say("done");
      process.exit(0);
    }, 500);
  });
}
setInterval(() => {}, 1_000);
say(`ready ${process.pid}`);
