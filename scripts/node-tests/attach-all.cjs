// Loaded before one of Node's tests: every server of HTTP that is told to listen is a service's.
const http = require("node:http");
const { Server } = require("node:net");

const { lastcall } = require("../../dist/cjs/lastcall/index.js");

const service = lastcall({ signals: false, report: false });
const { value: listen } = Object.getOwnPropertyDescriptor(Server.prototype, "listen");
Server.prototype.listen = function (...args) {
  // No other server has settings to update.
  const isHttp2 = typeof this.updateSettings === "function";
  if (this instanceof http.Server || isHttp2) service.attach(this);
  return Reflect.apply(listen, this, args);
};
