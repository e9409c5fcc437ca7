import { Ignitor } from "@adonisjs/core";

const root = new URL("../", import.meta.url);
const importer = (file) => import(file.startsWith(".") ? new URL(file, root).href : file);

await new Ignitor(root, { importer })
  .tap((app) => {
    app.listen("SIGTERM", () => app.terminate());
  })
  .httpServer()
  .start();
