import { formatCount } from "../../facts/count.js";
import type { Evidence, Finding } from "../../facts/finding.js";
import { describeInstant } from "../words.js";
import { renderJump } from "./jump.js";
import { html, type Markup } from "./markup.js";
import { describeSource } from "../../../findings/source.js";

const SHOWN_AT_ONCE = 6;

export function renderFindings(findings: readonly Finding[]): Markup {
  if (findings.length === 0) return html``;
  return html`<section>
    <h2>Findings <span class="count">${findings.length}</span></h2>
    ${findings.map(renderFinding)}
  </section>`;
}

function renderFinding(finding: Finding): Markup {
  const { id, severity, what, cause, next, count, evidence } = finding;
  const mark = severity === "error" ? "✗" : "!";
  const seen = count === evidence.length ? "" : ` of ${formatCount(count)}`;
  const first = evidence.slice(0, SHOWN_AT_ONCE);
  const more = evidence.slice(SHOWN_AT_ONCE);
  return html`<article class="finding ${severity}">
    <p class="label">
      <span class="severity"><span aria-hidden="true">${mark}</span> ${severity}</span>
      <code>${id}</code>
    </p>
    <h3>${what}</h3>
    <dl class="why">
      <div>
        <dt>Why</dt>
        <dd>${cause}</dd>
      </div>
      <div>
        <dt>Next</dt>
        <dd>${next}</dd>
      </div>
      <div>
        <dt>More</dt>
        <dd><code>lastcall explain ${id}</code></dd>
      </div>
    </dl>
    ${evidence.length === 0 ? html`` : html`<h4>Evidence <span class="count">${evidence.length}${seen}</span></h4>`}
    <ul class="evidence">
      ${first.map(renderEvidence)}
    </ul>
    ${
      more.length === 0
        ? html``
        : html`<details>
            <summary>${more.length} more</summary>
            <ul class="evidence">
              ${more.map(renderEvidence)}
            </ul>
          </details>`
    }
  </article>`;
}

function renderEvidence({ what, atMs, request, source }: Evidence): Markup {
  const instant = atMs === null ? "" : describeInstant(atMs);
  return html`<li>
    <span class="instant">${instant}</span>
    <span class="what"
      >${what}${source === null ? html`` : html` <code class="source">${describeSource(source)}</code>`}</span
    >
    ${renderJump(request, what)}
  </li>`;
}
