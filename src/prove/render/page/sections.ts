import { formatCount } from "../../facts/count.js";
import { formatDuration } from "../../facts/duration.js";
import type { Criterion, Loss, ProveResult, TrialResult, Verdict } from "../../facts/result.js";
import type { Gap } from "../../facts/rollout.js";
import { listFaults } from "../../judge/fault.js";
import { describeSeen } from "../seen.js";
import { renderJump } from "./jump.js";
import { html, type Markup } from "./markup.js";

const NOTHING: Markup = html``;

const VERDICTS: Readonly<Record<Verdict, readonly [string, string, string]>> = {
  pass: ["pass", "✓", "PASS"],
  fail: ["fail", "✗", "FAIL"],
  "could-not-run": ["none", "!", "NO VERDICT"],
};

export function renderHead(result: ProveResult, writtenAt: Date): Markup {
  const { verdict, subject, requests, seed, graceMs, rttMs, lagMs } = result;
  const [className, mark, word] = VERDICTS[verdict];
  const facts: [string, string][] = [
    ["requests", formatCount(requests.planned)],
    ["trials", describeTrials(result.trials)],
    ["grace period", formatDuration(graceMs)],
    ["balancer’s lag", formatDuration(lagMs)],
    ["round trip", formatDuration(rttMs)],
    ["seed", String(seed)],
    ["written", `${writtenAt.toISOString().slice(0, 16).replace("T", " ")} UTC`],
  ];
  return html`<p class="brand">lastcall prove</p>
    <h1>
      <span class="verdict ${className}"><span aria-hidden="true">${mark}</span> ${word}</span>
      <code>${subject}</code>
    </h1>
    <dl class="facts">
      ${facts.map(
        ([what, which]) =>
          html`<div>
            <dt>${what}</dt>
            <dd>${which}</dd>
          </div>`,
      )}
    </dl>`;
}

function describeTrials(trials: readonly TrialResult[]): string {
  if (trials.length === 1) return "1";
  const passed = trials.filter(({ verdict }) => verdict === "pass").length;
  return `${String(passed)} of ${String(trials.length)} passed`;
}

export function renderFaults(result: ProveResult): Markup {
  const faults = listFaults(result);
  if (faults.length === 0) return NOTHING;
  return html`<section class="faults">
    <h2>Why there is no verdict</h2>
    <ul>
      ${faults.slice(0, 20).map((fault) => html`<li>${fault}</li>`)}
    </ul>
  </section>`;
}

export function renderCriteria(criteria: readonly Criterion[]): Markup {
  return html`<section>
    <h2>Criteria</h2>
    <div class="scroll" tabindex="0" role="region" aria-label="Criteria">
      <table class="criteria">
        <thead>
          <tr>
            <th scope="col">Held</th>
            <th scope="col">Criterion</th>
            <th scope="col">Asked</th>
            <th scope="col">Measured</th>
          </tr>
        </thead>
        <tbody>
          ${criteria.map(renderCriterion)}
        </tbody>
      </table>
    </div>
  </section>`;
}

function renderCriterion({ name, expected, measured, passed }: Criterion): Markup {
  return html`<tr>
    <td>${renderMark(passed)}</td>
    <th scope="row">${name}</th>
    <td>${expected}</td>
    <td class="${passed === false ? "bad" : ""}">${measured}</td>
  </tr>`;
}

function renderMark(passed: boolean | null): Markup {
  if (passed === null) return html`<span class="mark measured">measured</span>`;
  return passed
    ? html`<span class="mark good"><span aria-hidden="true">✓</span> yes</span>`
    : html`<span class="mark bad"><span aria-hidden="true">✗</span> no</span>`;
}

export function renderLosses(losses: readonly Loss[], origin: string): Markup {
  if (losses.length === 0) return NOTHING;
  return html`<section>
    <h2>What was lost, by what the client saw</h2>
    <div class="scroll" tabindex="0" role="region" aria-label="Losses">
      <table>
        <thead>
          <tr>
            <th scope="col">The client saw</th>
            <th scope="col">Client</th>
            <th scope="col" class="number">Requests</th>
            <th scope="col" class="number">First, from ${origin}</th>
          </tr>
        </thead>
        <tbody>
          ${losses.map(renderLoss)}
        </tbody>
      </table>
    </div>
  </section>`;
}

function renderLoss({ outcome, kind, client, count, firstMs }: Loss): Markup {
  return html`<tr>
    <th scope="row">${describeSeen(outcome, kind) ?? kind}</th>
    <td>${client}</td>
    <td class="number">${formatCount(count)}</td>
    <td class="number">${formatDuration(firstMs)}</td>
  </tr>`;
}

/** When requests failed while a command ran. */
export function renderGaps(trials: readonly TrialResult[]): Markup {
  const gaps = trials.flatMap(({ rollout }) => rollout?.gaps ?? []);
  if (gaps.length === 0) return NOTHING;
  return html`<section>
    <h2>When requests failed</h2>
    <div class="scroll" tabindex="0" role="region" aria-label="When requests failed">
      <table>
        <thead>
          <tr>
            <th scope="col" class="number">From</th>
            <th scope="col" class="number">To</th>
            <th scope="col" class="number">Failed</th>
            <th scope="col" class="number">Answered meanwhile</th>
            <th scope="col">How</th>
            <th scope="col"><span class="aside">In the timeline</span></th>
          </tr>
        </thead>
        <tbody>
          ${gaps.map(renderGap)}
        </tbody>
      </table>
    </div>
  </section>`;
}

function renderGap({ firstMs, lastMs, count, answered, kinds }: Gap): Markup {
  const how = kinds.map(
    ({ outcome, kind, count: n }) => `${describeSeen(outcome, kind) ?? kind} × ${formatCount(n)}`,
  );
  return html`<tr>
    <td class="number">${formatDuration(firstMs)}</td>
    <td class="number">${formatDuration(lastMs)}</td>
    <td class="number">${formatCount(count)}</td>
    <td class="number">${answered === 0 ? "none" : formatCount(answered)}</td>
    <td>${how.join(", ")}</td>
    <td class="action">${renderJump(kinds[0]?.ids[0] ?? null, "the first of them")}</td>
  </tr>`;
}

export function renderNotes({ notes, checked, findings }: ProveResult): Markup {
  const looked = checked.filter((id) => !findings.some((finding) => finding.id === id)).length;
  const others = `${formatCount(looked)} other findings were looked for, and were not there. What was not asked for could not be seen.`;
  const all = looked === 0 ? notes : [...notes, others];
  if (all.length === 0) return NOTHING;
  return html`<section>
    <h2>Notes</h2>
    <ul class="notes">
      ${all.map((note) => html`<li>${note}</li>`)}
    </ul>
  </section>`;
}

export function renderTrials(trials: readonly TrialResult[]): Markup {
  if (trials.length < 2) return NOTHING;
  return html`<section>
    <h2>Trials</h2>
    <div class="scroll" tabindex="0" role="region" aria-label="Trials">
      <table>
        <thead>
          <tr>
            <th scope="col">Trial</th>
            <th scope="col">Verdict</th>
            <th scope="col" class="number">Answered</th>
            <th scope="col" class="number">Refused</th>
            <th scope="col" class="number">Dropped</th>
            <th scope="col">Exit code</th>
            <th scope="col" class="number">Signal to exit</th>
            <th scope="col" class="number">Seed</th>
          </tr>
        </thead>
        <tbody>
          ${trials.map(renderTrial)}
        </tbody>
      </table>
    </div>
  </section>`;
}

function renderTrial({ trial, verdict, requests, stops, seed }: TrialResult): Markup {
  const [className, mark, word] = VERDICTS[verdict];
  const codes = stops.map(({ exit }) => String(exit.code ?? "not known")).join(", ");
  const times = stops.map(({ exit }) => exit.afterSignalMs).filter((ms) => ms !== null);
  const longest = times.length === 0 ? "not known" : formatDuration(Math.max(...times));
  return html`<tr>
    <th scope="row">${trial}</th>
    <td>
      <span class="mark ${className === "pass" ? "good" : "bad"}"
        ><span aria-hidden="true">${mark}</span> ${word}</span
      >
    </td>
    <td class="number">${formatCount(requests.ok)}</td>
    <td class="number">${formatCount(requests.refused)}</td>
    <td class="number">${formatCount(requests.dropped)}</td>
    <td>${codes}</td>
    <td class="number">${longest}</td>
    <td class="number">${seed}</td>
  </tr>`;
}
