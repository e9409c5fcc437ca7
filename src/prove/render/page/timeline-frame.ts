import { formatDuration } from "../../facts/duration.js";
import type { PageView } from "./data.js";
import { html, type Markup } from "./markup.js";

/** The elements that the page's script fills; without the script they stay hidden. */
export function renderTimelineFrame(): Markup {
  return html`<section id="timeline" hidden>
      <h2>Timeline</h2>
      <p class="lead">
        Every request as a bar, from its first byte until its client learnt how it ended, against
        what the service was seen to do.
      </p>
      ${renderToolbar()} ${renderFilters()}
      <div class="overview"><canvas id="overview" aria-hidden="true"></canvas></div>
      <div class="stage">
        <div
          id="chart"
          tabindex="0"
          role="application"
          aria-roledescription="timeline"
          aria-label="Requests on a time axis"
          aria-describedby="keys"
        >
          <div class="sizer"><canvas></canvas></div>
        </div>
        <div id="tip" hidden></div>
      </div>
      <p id="keys">
        <kbd>←</kbd> <kbd>→</kbd> next request <kbd>↑</kbd> <kbd>↓</kbd> other lane <kbd>n</kbd>
        <kbd>p</kbd> next and previous lost one <kbd>Shift</kbd> + arrow moves <kbd>+</kbd>
        <kbd>−</kbd> or <kbd>Ctrl</kbd> + wheel zooms <kbd>0</kbd> all
      </p>
      <div id="details" role="status"></div>
      <p id="left-out" class="note" hidden></p>
    </section>
    <p class="note" id="no-script">The requests are drawn by a script, and none runs here.</p>`;
}

function renderToolbar(): Markup {
  return html`<div class="toolbar">
    <label id="view-choice"
      >Show
      <select id="view"></select
    ></label>
    <div class="group" role="group" aria-label="Zoom">
      <button type="button" id="zoom-out" aria-label="Zoom out" title="Zoom out (−)">−</button>
      <button type="button" id="zoom-in" aria-label="Zoom in" title="Zoom in (+)">+</button>
      <button type="button" id="show-all" title="The whole run (0)">All</button>
      <button type="button" id="show-signal" title="The time around the origin"></button>
    </div>
    <div class="group" role="group" aria-label="Move">
      <button type="button" id="earlier" aria-label="Earlier" title="Earlier (Shift + ←)">←</button>
      <button type="button" id="later" aria-label="Later" title="Later (Shift + →)">→</button>
    </div>
    <button type="button" id="next-lost" title="The next lost request (n)">Next lost</button>
    <output id="span" aria-label="Seen"></output>
  </div>`;
}

function renderFilters(): Markup {
  return html`<div class="filters">
    <div class="filter" role="group" aria-labelledby="outcomes-name">
      <span class="name" id="outcomes-name">Outcome</span>
      <div id="outcomes" class="choices"></div>
    </div>
    <div class="filter" role="group" aria-labelledby="clients-name">
      <span class="name" id="clients-name">Client</span>
      <div id="clients" class="choices"></div>
    </div>
  </div>`;
}

/** Filled by the script, one part after another. */
export function renderLostFrame(): Markup {
  return html`<section id="lost" hidden>
    <h2>Lost requests <span class="count" id="lost-count"></span></h2>
    <div class="scroll" tabindex="0" role="region" aria-label="Lost requests">
      <table>
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Request</th>
            <th scope="col">Client</th>
            <th scope="col">What it saw</th>
            <th scope="col"><span class="aside">In the timeline</span></th>
          </tr>
        </thead>
        <tbody id="lost-rows"></tbody>
      </table>
    </div>
    <button type="button" id="more-lost" hidden></button>
  </section>`;
}

/** The instants and phases of each stop as text. The script shows those of the stop that is drawn. */
export function renderInstants(views: readonly PageView[]): Markup {
  return html`<section>
    <h2>What was seen, and when</h2>
    ${views.map((view, at) => renderView(view, at, views.length))}
  </section>`;
}

function renderView({ name, marks, phases }: PageView, at: number, count: number): Markup {
  const heading = count === 1 ? html`` : html`<h3>${name}</h3>`;
  return html`<div data-view="${at}" class="instants">
    ${heading}
    <ol class="marks">
      ${marks.map(
        ({ text, ms }) => html`<li><span class="instant">${formatDuration(ms)}</span> ${text}</li>`,
      )}
    </ol>
    <ul class="phases">
      ${phases.map(
        (phase) =>
          html`<li class="${phase.name.replace(" ", "-")}">
            <strong>${phase.name}</strong> ${phase.text}
          </li>`,
      )}
    </ul>
  </div>`;
}
