// page/: the result as one page, and what its script needs that can run outside a browser.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { ProveResult } from "../../facts/result.js";
import type { PageRequests } from "./collect.js";
import type { PageData } from "./data.js";
import { renderFindings } from "./findings.js";
import { html, Markup, toScriptJson } from "./markup.js";
import {
  renderCriteria,
  renderFaults,
  renderGaps,
  renderHead,
  renderLosses,
  renderNotes,
  renderTrials,
} from "./sections.js";
import { renderInstants, renderLostFrame, renderTimelineFrame } from "./timeline-frame.js";
import { listViews } from "./views.js";

export interface PageOptions {
  /** Shown in the head. Default: now. */
  readonly writtenAt?: Date;
}

/**
 * Writes the result as one page that needs nothing else: no network, no other file. Its policy
 * forbids it to load anything.
 */
export function renderPage(
  result: ProveResult,
  requests: PageRequests,
  { writtenAt = new Date() }: PageOptions = {},
): string {
  const views = listViews(result.trials, requests);
  const body = html`<header class="top">${renderHead(result, writtenAt)}</header>
    <main>
      ${renderFaults(result)} ${renderCriteria(result.criteria)} ${renderFindings(result.findings)}
      ${renderTimelineFrame()} ${renderInstants(views)} ${renderGaps(result.trials)}
      ${renderLosses(result.losses, views[0]?.origin ?? "")} ${renderLostFrame()}
      ${renderTrials(result.trials)} ${renderNotes(result)}
    </main>`;
  const title = `${result.verdict} · ${result.subject} · lastcall prove`;
  return frame(title, body, { views });
}

/** Writes a page that says why there is no result. */
export function renderErrorPage(message: string): string {
  const body = html`<header class="top">
      <p class="brand">lastcall prove</p>
      <h1>
        <span class="verdict none">NO VERDICT</span>
      </h1>
    </header>
    <main>
      <section>
        <h2>It could not run</h2>
        <pre>${message}</pre>
      </section>
    </main>`;
  return frame("could not run · lastcall prove", body, undefined);
}

function frame(title: string, body: Markup, data: PageData | undefined): string {
  const style = readAsset("style.css");
  const script = data === undefined ? "" : readAsset("main.js");
  const policy = [
    "default-src 'none'",
    `style-src ${hash(style)}`,
    script === "" ? "script-src 'none'" : `script-src ${hash(script)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const json = toScriptJson(data);
  const live = [
    inline("script", json, ' type="application/json" id="data"'),
    inline("script", script),
  ];
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        ${inline("style", style)}
      </head>
      <body>
        ${body} ${data === undefined ? [] : live}
      </body>
    </html> `.text;
}

/** Not in a template: the policy knows the element's text to the byte, white space and all. */
function inline(element: "script" | "style", text: string, attributes = ""): Markup {
  return new Markup(`<${element}${attributes}>${text}</${element}>`);
}

/** Inline, a policy allows by hash alone what it was computed from. */
function hash(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

/** What the build has put together from `html/`. */
function readAsset(name: string): string {
  return readFileSync(new URL(`../html/${name}`, import.meta.url), "utf8").trim();
}
