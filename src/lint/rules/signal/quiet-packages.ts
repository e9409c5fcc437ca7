import { isBuiltin } from "node:module";

/** Packages that do not listen for signals: read in their sources, or too plain to. With others nothing is said. */
const QUIET = new Set(
  (
    "express koa fastify hono @hono/node-server restify polka connect body-parser cors helmet morgan compression cookie-parser " +
    "cookie-session express-session express-async-errors express-rate-limit express-validator express-handlebars errorhandler " +
    "serve-static serve-favicon method-override multer passport passport-local passport-jwt jsonwebtoken bcrypt bcryptjs dotenv " +
    "dotenv-expand envalid config lodash underscore ramda uuid nanoid ms debug chalk axios got node-fetch undici superagent request " +
    "pg mysql mysql2 mongodb mongoose redis ioredis knex sequelize better-sqlite3 sqlite3 amqplib nats kafkajs ws socket.io " +
    "socket.io-client winston pino pino-http bunyan loglevel prom-client joi zod yup ajv ejs pug mustache handlebars nunjucks " +
    "moment date-fns dayjs luxon graphql express-graphql graphql-http @grpc/grpc-js @grpc/proto-loader http-errors statuses qs " +
    "swagger-ui-express swagger-jsdoc swagger-jsdoc @koa/router koa-router koa-bodyparser koa-body koa-static koa-cors @koa/cors " +
    "@fastify/cors @fastify/helmet @fastify/static @fastify/jwt @fastify/cookie @fastify/formbody @fastify/rate-limit @fastify/swagger " +
    "cheerio nodemailer sharp csv-parse csv-parser yaml js-yaml xml2js tslib reflect-metadata http-proxy http-proxy-middleware " +
    "response-time on-finished finalhandler send mime mime-types path-to-regexp semver simple-card-validator"
  ).split(" "),
);

/** Whether a module is known not to listen for signals; `express/lib/router` is part of `express`. */
export function isQuiet(specifier: string): boolean {
  if (isBuiltin(specifier)) return true;
  const parts = specifier.split("/");
  return QUIET.has(parts.slice(0, specifier.startsWith("@") ? 2 : 1).join("/"));
}
