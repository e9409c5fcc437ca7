import { createRequestHandler } from "@react-router/express";
import express from "express";

const build = await import("./build/server/index.js");

express().use(createRequestHandler({ build })).listen(Number(process.env.PORT));
