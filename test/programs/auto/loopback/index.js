const { setTimeout: sleep } = require("node:timers/promises");

const { RestApplication } = require("@loopback/rest");

const rest = { port: Number(process.env.PORT), host: "127.0.0.1" };
// As the project that its command makes.
const app = new RestApplication({ rest, shutdown: { signals: ["SIGTERM"] } });
const responses = { 200: { description: "a text" } };
app.route("get", "/", { responses }, () => "hello");
app.route("get", "/slow", { responses }, () => sleep(400, "hello, at last"));
void app.start();
