// Shutdown hooks, as its documentation shows.
import { port } from "./app.js";
import { createApp } from "./nest-app.js";

const app = await createApp();
app.enableShutdownHooks();
await app.listen(port);
