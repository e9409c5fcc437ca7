// close-with-grace with Fastify, as its page shows.
import closeWithGrace from "close-with-grace";
import { port } from "./app.js";
import { createApp } from "./fastify-app.js";

const app = createApp();
closeWithGrace(async ({ signal, err }) => {
  if (err) app.log.error({ err }, "server closing with error");
  else app.log.info(`${signal} received, server closing`);
  await app.close();
});
await app.listen({ port });
