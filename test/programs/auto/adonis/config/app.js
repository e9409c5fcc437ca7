import { defineConfig } from "@adonisjs/core/http";

export const appKey = "a key that is as long as it has to be";
export const http = defineConfig({});
