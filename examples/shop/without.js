import { createServer } from "node:http";
import { openShop } from "./shop.js";

const shop = await openShop();
const server = createServer(shop.app);
server.listen(process.env.PORT ?? 3000);

process.on("SIGTERM", () => {
  server.close(async () => {
    await shop.close();
    process.exit(0);
  });
});
