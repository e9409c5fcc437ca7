import { Server, ServerCredentials } from "@grpc/grpc-js";
import { lastcall } from "lastcall";
import { clock } from "./grpc-clock.mjs";

const service = lastcall({ gracePeriod: 10_000 });
const server = new Server();
server.addService(clock, {
  now: (call, callback) => callback(null, { time: Date.now() }),
  slow: (call, callback) => setTimeout(() => callback(null, { time: Date.now() }), 1_500),
});
service.hook(
  "grpc",
  ({ signal }) => {
    signal.addEventListener("abort", () => server.forceShutdown());
    return new Promise((resolve, reject) => {
      server.tryShutdown((error) => (error ? reject(error) : resolve()));
    });
  },
  { stage: "draining" },
);
server.bindAsync(`127.0.0.1:${process.env.PORT}`, ServerCredentials.createInsecure(), (error) => {
  if (error) throw error;
});
