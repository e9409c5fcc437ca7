/**
 * `node --import lastcall/auto server.js`: the drain, for a program that was not changed. The one module of the package
 * that does its work when it is imported.
 *
 * @module
 */
import { install } from "./install.js";

install();
