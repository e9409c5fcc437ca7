// @ts-check

/**
 * What must be the same in every run of a command that measures: criteria, verdicts, exit codes,
 * words and their order. Only measured values become letters, and nothing stays nothing: `0 of N` is
 * the point of it all. Lines without measured values stay as they are.
 *
 * @param {string} text
 */
export function toShape(text) {
  const lines = joinFindings(text)
    .split("\n")
    .map((line) => {
      const found = SHAPES.find(([pattern]) => pattern.test(line));
      return found === undefined ? line : found[1](line);
    });
  return joinLists(lines).join("\n");
}

const LOST = "  … lost …";
const MARK = /^ +([A-Z]) +-?[\d.]+ m?s {2}/;

/** @type {readonly (readonly [RegExp, (line: string) => string])[]} */
const SHAPES = [
  // Which of our connections held the process differs between versions of Node.
  [/^[✓✗·] exit code/, (line) => squeeze(line).replace(/kept open by: .*/, "kept open by: …")],
  [/^[✓✗·] /, blur],
  // Which requests a broken stop loses, and how, is a matter of timing.
  [/^ {2}.* first [\d.]+ m?s (after|before) the signal /, () => LOST],
  [/^(PASS|FAIL) .*seed \d+$/, blur],
  // The drawing of a time line, its axis, the letters under it and what they mean.
  [/^phase +[─┼]/, () => "phase ~"],
  [/^(answered|dropped) +[▁▂▃▄▅▆▇█✗ ]+$/, (line) => line.replace(/ .*/, " ~")],
  [/^ +signal( +[\d.]+ m?s)+$/, () => "signal T"],
  [/^ +[A-Z]+( +[A-Z]+)*$/, () => "S … X"],
  [MARK, (line) => line.replace(MARK, "$1 T  ")],
  // An order may be in the journal of a killed process whose client was never told, or may not.
  [/^without\.js( +\d[\d,]*)+$/, (line) => blur(line).replace(/\S+$/, "…")],
  // A row of a table: a name, and counts.
  [/^\S+( +\d[\d,]*)+$/, blur],
];

// `error inflight/cut: …`, and what is indented below it.
const FINDINGS = /(?:^(?:error|warning) [\w-]+\/[\w-]+: .*\n(?: {2}.*\n)+\n?)+/gm;

/**
 * One finding is known by its name. Of several it is a matter of timing which there are; none is
 * still none.
 *
 * @param {string} text
 */
function joinFindings(text) {
  return text.replaceAll(FINDINGS, (block) => {
    const names = [...block.matchAll(/^(?:error|warning) [\w-]+\/[\w-]+/gm)].map(String);
    return `${names.length === 1 ? names.join() : "… findings …"}\n\n`;
  });
}

/** @param {string} line */
function blur(line) {
  const timed = line.replaceAll(/\b\d[\d.]* (ms|s)\b/g, "T");
  return squeeze(timed.replaceAll(/\b[1-9][\d,.]*\b/g, "N"));
}

/** @param {string} line */
function squeeze(line) {
  return line.replaceAll(/ {2,}/g, "  ");
}

/**
 * Lines that come in any number become one; those that come in any order are sorted.
 *
 * @param {readonly string[]} lines
 */
function joinLists(lines) {
  /** @type {string[]} */
  const joined = [];
  /** @type {string[]} */
  let marks = [];
  for (const line of lines) {
    // When the listener closed is seen on Linux only, and only by looking now and then.
    if (line === "L T  listener closed") continue;
    if (/^[A-Z] T {2}/.test(line)) {
      marks.push(line);
      continue;
    }
    joined.push(...marks.toSorted());
    marks = [];
    if (line !== LOST || joined.at(-1) !== LOST) joined.push(line);
  }
  return [...joined, ...marks.toSorted()];
}
