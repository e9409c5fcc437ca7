import http from "node:http";

http
  .createServer(({ url }, response) => {
    setTimeout(() => response.end("hello"), url === "/slow" ? 400 : 0);
  })
  .listen(Number(process.env.PORT));
