// preload/: what runs inside the service: it notes what is made for which request, and says what still lives.
// Loaded into the service's own processes, before the service. It needs nothing of the service and
// is not to be noticed by it.
import { writeFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { threadId } from "node:worker_threads";
import { now } from "../../machine/now.js";
import { readLines } from "../lines.js";
import {
  FOLDER_VARIABLE,
  ID_PREFIX,
  SOCKET_NAME,
  type ExitRecord,
  type Question,
  type Report,
} from "../protocol.js";
import { hearCalls, hearRequests } from "./hear.js";
import { Recorder } from "./record.js";

const folder = process.env[FOLDER_VARIABLE];
// Worker threads load it too: one of them may be the server.
if (folder !== undefined) inspectIn(folder);

function inspectIn(folder: string): void {
  const recorder = new Recorder();
  const closed: Record<string, number> = {};
  const socket = connect(path.join(folder, SOCKET_NAME), ({ question, requests }) => {
    const resources = recorder.list(new Set(requests));
    tell({ type: "listed", question, resources, closed });
  });
  const tell = (report: Report): void => {
    recorder.quietly(() => socket.write(`${JSON.stringify(report)}\n`));
  };
  hearRequests((id, closable) => {
    const request = typeof id === "string" && id.startsWith(ID_PREFIX) ? id : undefined;
    recorder.enter(request);
    if (request === undefined) return;
    closable.once("close", () => {
      closed[request] ??= now();
    });
    tell({ type: "begun", request });
  });
  hearCalls(recorder);
  process.on("exit", () => {
    const last: ExitRecord = { at: now(), resources: recorder.list(), closed };
    const name = `exit-${String(process.pid)}-${String(threadId)}.json`;
    writeFileSync(path.join(folder, name), JSON.stringify(last));
  });
}

function connect(path: string, onQuestion: (question: Question) => void): net.Socket {
  const socket = net.connect({ path });
  socket.unref();
  // The prover has gone: the service lives on as it would without.
  socket.on("error", () => {});
  readLines(socket, (line) => onQuestion(line as Question));
  return socket;
}
