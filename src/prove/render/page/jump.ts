import { html, type Markup } from "./markup.js";

/** Leads to a request in the timeline. The script shows it where the page has that request. */
export function renderJump(request: string | null, what: string): Markup {
  if (request === null) return html``;
  return html`<button
    type="button"
    class="jump"
    data-request="${request}"
    hidden
    aria-label="Show in the timeline: ${what}"
  >
    Show
  </button>`;
}
