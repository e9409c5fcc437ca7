// Each page begins with who needs it, and ends with where to go on; the README fits on two screens.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { test } from "node:test";

import { planBudget } from "#src/budget.js";
import { readOptions } from "#src/options/settings.js";

import { read, root } from "../package/project.js";
import { documents } from "./markdown.js";

const LONGEST_README = 150;

const pages = documents.filter((file) => file.startsWith("docs/"));
/** Its title is the name that a verdict shows, and its first lines are that finding's own. */
const isFinding = (file: string): boolean =>
  /^docs\/(?:findings|lint)\//.test(file) && !file.endsWith("README.md");

/** What is missing of a page's frame. */
function faultsOf(file: string, text: string): string[] {
  const faults: string[] = [];
  const [, first = ""] = text.split("\n\n");
  if (!isFinding(file) && !/^For (?:everyone|those) /.test(first)) {
    faults.push("does not begin with whom it is for: `For everyone who …`");
  }
  const sections = text.split(/^## /m);
  const last = sections.at(-1) ?? "";
  const links = [...last.matchAll(/\]\(([^)#\s]+)/g)].map((match) => match[1] ?? "");
  if (!last.startsWith("Where to go on\n")) faults.push("has no last section `Where to go on`");
  else if (links.length === 0) faults.push("leads nowhere");
  for (const link of links) {
    const target = path.join(root, path.dirname(file), link);
    if (!link.includes(":") && !existsSync(target)) faults.push(`leads to ${link}`);
  }
  return faults;
}

test("each page begins with who needs it, and ends with where to go on", () => {
  assert.ok(pages.length > 60);
  for (const file of pages) assert.deepEqual(faultsOf(file, read(file)), [], file);
});

test("a page without its frame is found", () => {
  const page = (first: string, last: string): string =>
    `# A page\n\n${first}\n\n## A section\n\nText.\n\n${last}\n`;
  const [good, end] = ["For everyone who asks.", "## Where to go on\n\n[Options](options.md)."];
  const faults = (text: string): number => faultsOf("docs/a.md", text).length;
  assert.equal(faults(page(good, end)), 0);
  assert.equal(faults(page("It stops.", end)), 1);
  assert.equal(faults(page(good, "## Another")), 1);
  assert.equal(faults(page(good, `${end}\n\n## One more\n\nText.`)), 1);
  assert.equal(faults(page(good, "## Where to go on\n\nNowhere.")), 1);
  assert.equal(faults(page(good, end.replace("options.md", "nowhere.md"))), 1);
});

test("docs/README.md leads to every page, first to how it works", () => {
  const links = [...read("docs/README.md").matchAll(/\]\(([^)#:]+\.md)/g)].map(([, link = ""]) =>
    path.posix.join("docs", link),
  );
  assert.equal(links[0], "docs/how-it-works.md");
  for (const file of pages.filter((page) => !isFinding(page) && page !== "docs/README.md")) {
    assert.ok(links.includes(file), file);
  }
});

test("the README is short, shows what is proved on its first screen, and leads to how it works first", () => {
  const text = read("README.md");
  const lines = text.split("\n");
  assert.ok(lines.length - 1 <= LONGEST_README, `${lines.length - 1} lines`);
  const screen = lines.slice(0, 36).join("\n");
  for (const part of ["npx lastcall prove -- node server.js", "PASS", "lastcall({ gracePeriod"]) {
    assert.ok(screen.includes(part), part);
  }
  const [first] = /\]\((docs\/[^)]+\.md)/.exec(text)?.slice(1) ?? [];
  assert.equal(first, "docs/how-it-works.md");
});

test("the picture of how it works has the windows that a service has by default", async () => {
  const url = pathToFileURL(path.join(root, "docs", "timeline.js")).href;
  const { drawTimeline } = (await import(url)) as {
    drawTimeline: (budget: ReturnType<typeof planBudget>) => string;
  };
  const draw = (gracePeriod: number): string =>
    drawTimeline(planBudget(readOptions({ gracePeriod }, {})));
  const shown = read("docs/how-it-works.svg");
  assert.equal(shown, draw(30_000), "`node docs/timeline.js` draws it");
  assert.notEqual(shown, draw(10_000));
  assert.match(shown, /prefers-color-scheme: dark/);
});
