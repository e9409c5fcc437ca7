/** The colours of the drawing: those of the page's style sheet, in the scheme that is in use. */
export interface Colors {
  readonly ground: string;
  readonly text: string;
  readonly muted: string;
  readonly rule: string;
  readonly ok: string;
  readonly lost: string;
  readonly lostEdge: string;
  readonly retry: string;
  readonly focus: string;
  readonly phases: Readonly<Record<string, string>>;
}

export function readColors(): Colors {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    ground: read("ground"),
    text: read("text"),
    muted: read("muted"),
    rule: read("rule"),
    ok: read("ok"),
    lost: read("lost"),
    lostEdge: read("lost-edge"),
    retry: read("retry"),
    focus: read("focus"),
    phases: {
      accepting: read("phase-accepting"),
      draining: read("phase-draining"),
      leaving: read("phase-leaving"),
      gone: read("phase-gone"),
      "command runs": read("phase-accepting"),
      afterwards: read("phase-gone"),
    },
  };
}
