import type net from "node:net";

/** Tells each line that arrives, parsed as JSON. */
export function readLines(socket: net.Socket, onLine: (line: unknown) => void): void {
  let text = "";
  socket.setEncoding("utf8");
  socket.on("data", (chunk: string) => {
    const lines = (text + chunk).split("\n");
    text = lines.pop() ?? "";
    for (const line of lines) onLine(JSON.parse(line));
  });
}
