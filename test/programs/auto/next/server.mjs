import http from "node:http";

import next from "next";

const app = next({ dev: false });
await app.prepare();
http.createServer(app.getRequestHandler()).listen(Number(process.env.PORT));
