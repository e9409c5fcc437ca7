import { createServer } from "node:http";
import { lastcall } from "lastcall";
import { openShop } from "./shop.js";

const service = lastcall({ gracePeriod: 10_000 });
const shop = await service.starting(openShop());
const server = service.attach(createServer(shop.app));
service.hook("journal", () => shop.close());
server.listen(process.env.PORT ?? 3000);
