// What Kubernetes' `preStop: sleep` does for a program that has no delay of its own: the signal comes
// that much later. `node pre-stop.js <ms> <command> [arguments]`
import { spawn } from "node:child_process";

const [ms = "0", file = "", ...args] = process.argv.slice(2);
const child = spawn(file, args, { stdio: "inherit" });
process.on("SIGTERM", () => setTimeout(() => child.kill("SIGTERM"), Number(ms)));
child.on("exit", (code, signal) => {
  if (signal === null) process.exit(code ?? 1);
  // As a container's runtime would see it.
  process.removeAllListeners("SIGTERM");
  process.kill(process.pid, signal);
});
