import http, { type RequestListener } from "node:http";

const answer: RequestListener = ({ url }, response) => {
  setTimeout(() => response.end("hello"), url === "/slow" ? 400 : 0);
};

http.createServer(answer).listen(Number(process.env.PORT));
