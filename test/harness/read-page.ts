import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestContext } from "node:test";
import { pathToFileURL } from "node:url";
import { chromium as playwright, type Browser, type Page } from "playwright-core";
import { chromium } from "./browser.js";

export const skip: string | false =
  chromium === undefined && "no chromium in PATH (Debian: apt-get install chromium)";

/** A browser without a window, to be operated; closed by whoever launched it. */
export function launch(): Promise<Browser> {
  const executablePath = chromium ?? "chromium";
  return playwright.launch({ executablePath, args: ["--no-sandbox"] });
}

// What a page has not done by then it does not do.
const PATIENCE_MS = 15_000;

export interface OpenPage {
  readonly page: Page;
  /** What it asked the network for, besides itself. */
  readonly requests: readonly string[];
  /** What went wrong in it: errors, refusals of its policy, dialogs. */
  readonly faults: readonly string[];
}

export interface Look {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: "light" | "dark";
  readonly reducedMotion?: "reduce" | "no-preference";
  readonly javaScriptEnabled?: boolean;
}

/** Opens a page from a file, as its reader does. */
export async function open(
  t: TestContext,
  browser: Browser,
  html: string,
  { width = 1280, height = 900, ...look }: Look = {},
): Promise<OpenPage> {
  const folder = mkdtempSync(path.join(tmpdir(), "lastcall-page-"));
  const file = path.join(folder, "report.html");
  writeFileSync(file, html);
  // What is on its way somewhere cannot be clicked.
  const still = { reducedMotion: "reduce" } as const;
  const context = await browser.newContext({ ...still, ...look, viewport: { width, height } });
  t.after(async () => {
    await context.close();
    rmSync(folder, { recursive: true });
  });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const { href } = pathToFileURL(file);
  const requests: string[] = [];
  const faults: string[] = [];
  page.on("request", (request) => {
    if (request.url() !== href) requests.push(request.url());
  });
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(message.text());
  });
  page.on("dialog", (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(href);
  return { page, requests, faults };
}
