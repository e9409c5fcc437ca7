// What was found against what was expected, and the matrix of both.

/** Stands for no finding at all. */
const NOTHING = "(nothing)";
// One mistake makes the same contradiction many times.
const SHOWN = 3;

/**
 * The matrix' cells that one service adds to, as `[expected, found]`, and in words what is wrong.
 * One missing and one surplus finding are taken for each other.
 */
export function compare({ expects }, { findings, verdict, error, contradictions = [] }) {
  if (error !== undefined) return { cells: [], wrong: [`no verdict (${verdict}): ${error}`] };
  const wanted = expects.map(({ id }) => id);
  const found = findings.map(({ id }) => id);
  const missing = wanted.filter((id) => !found.includes(id));
  const surplus = found.filter((id) => !wanted.includes(id));
  const cells = [
    ...wanted.filter((id) => found.includes(id)).map((id) => [id, id]),
    ...pair(missing, surplus),
  ];
  const wrong = [
    ...missing.map((id) => `${id} was not found`),
    ...surplus.map((id) => `${id} was found: ${findings.find((one) => one.id === id).what}`),
    ...expects.flatMap((expected) => comparePlace(expected, findings)),
  ];
  wrong.push(
    ...contradictions.slice(0, SHOWN).map((what) => `the report contradicts itself: ${what}`),
  );
  if (wanted.length === 0 && verdict !== "pass") wrong.push(`the verdict is ${verdict}`);
  return { cells: cells.length === 0 ? [[NOTHING, NOTHING]] : cells, wrong };
}

function pair(missing, surplus) {
  const length = Math.max(missing.length, surplus.length);
  return Array.from({ length }, (_, at) => [missing[at] ?? NOTHING, surplus[at] ?? NOTHING]);
}

/** Where inspection applies, the evidence has to name the file and the line. */
function comparePlace({ id, file, line }, findings) {
  const finding = findings.find((one) => one.id === id);
  if (file === undefined || finding === undefined) return [];
  const places = finding.evidence.flatMap(({ source }) => (source === null ? [] : [source]));
  const isNamed = places.some((place) => place.file.endsWith(file) && place.line === line);
  const named = places.map((place) => `${place.file}:${place.line}`).join(", ") || "no line";
  return isNamed ? [] : [`${id} should name ${file}:${line}, and names ${named}`];
}

/** Rows are what was expected, columns what was found, both in the same order. */
export function renderMatrix(cells) {
  const ids = [...new Set(cells.flat())].sort((a, b) => rank(a).localeCompare(rank(b)));
  const width = Math.max(...ids.map((id) => id.length));
  const column = (text) => String(text).padStart(4);
  const head = `${"expected \\ found".padEnd(width + 4)}${ids.map((_, at) => column(at + 1)).join("")}`;
  const rows = ids.map((expected, at) => {
    const counts = ids.map((found) => count(cells, expected, found));
    const shown = counts.map((number) => column(number === 0 ? "·" : number)).join("");
    return `${String(at + 1).padStart(3)} ${expected.padEnd(width)}${shown}`;
  });
  return [head, ...rows].join("\n");
}

/** Nothing comes last. */
function rank(id) {
  return id === NOTHING ? "~" : id;
}

function count(cells, expected, found) {
  return cells.filter((cell) => cell[0] === expected && cell[1] === found).length;
}
