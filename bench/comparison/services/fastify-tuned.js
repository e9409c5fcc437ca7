// A delay in `preClose`, and no 503 meanwhile.
import { setTimeout as sleep } from "node:timers/promises";
import closeWithGrace from "close-with-grace";
import { LAG_MS, port } from "./app.js";
import { createApp } from "./fastify-app.js";

const app = createApp({ return503OnClosing: false });
app.addHook("preClose", () => sleep(LAG_MS));
closeWithGrace({ delay: 9_000 }, () => app.close());
await app.listen({ port });
