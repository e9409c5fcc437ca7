import type { Image } from "../../model/image.js";
import type { Instruction } from "../../read/dockerfile/dockerfile.js";
import { isInside, resolveInImage } from "../../model/copied.js";
import { joinPaths } from "../../source/paths.js";
import { lineage, unquote, type Stage } from "./stages.js";

type Copy = Image["copies"][number];

// Each stage may copy from the one before it many times over: more than these no image has.
const MOST = 500;
const DEEPEST = 50;

/** What an image has of its context, also by way of other stages: `COPY --from=build /app .`. */
export function listCopies(
  stages: readonly Stage[],
  stage: Stage,
  known: Map<Stage, readonly Copy[]> = new Map(),
  depth = 0,
): readonly Copy[] {
  const found = depth > DEEPEST ? [] : known.get(stage);
  if (found !== undefined) return found;
  const all = lineage(stages, stage)
    .toReversed()
    .flatMap(({ instructions }) => instructions);
  const copies = new Map<string, Copy>();
  let workdir = "";
  for (const instruction of all) {
    const { keyword } = instruction;
    if (keyword === "WORKDIR") workdir = resolveInImage(workdir, unquote(instruction.text));
    if (keyword !== "COPY" && keyword !== "ADD") continue;
    const other = findStage(stages, stage, instruction);
    const before = other ? listCopies(stages, other, known, depth + 1) : [];
    const own = readCopy(instruction, workdir);
    const brought =
      other === undefined ? own : own.flatMap(({ from, to }) => passOn(before, from, to));
    for (const copy of brought) copies.set(`${copy.from} ${copy.to}`, copy);
  }
  const listed = [...copies.values()].slice(-MOST);
  known.set(stage, listed);
  return listed;
}

function readCopy({ words, exec }: Instruction, workdir: string): Copy[] {
  const texts = (exec?.words ?? words).map(({ text }) => unquote(text));
  const to = texts.at(-1);
  if (to === undefined) return [];
  return texts.slice(0, -1).map((from) => ({ from, to: resolveInImage(workdir, to) }));
}

/** The stage that is copied from: undefined for the context, null for another image. */
function findStage(
  stages: readonly Stage[],
  stage: Stage,
  { flags }: Instruction,
): Stage | null | undefined {
  const flag = flags.find(({ text }) => text.startsWith("--from"))?.text;
  if (flag === undefined) return undefined;
  const name = unquote(flag.slice("--from=".length)).toLowerCase();
  const before = stages.slice(0, stages.indexOf(stage));
  const numbered = /^\d+$/.test(name) ? before[Number(name)] : undefined;
  return before.findLast((one) => one.name?.toLowerCase() === name) ?? numbered ?? null;
}

/** What lies in the folder that is copied, or the folder that what is copied lies in. */
function passOn(before: readonly Copy[], path: string, to: string): Copy[] {
  const folder = resolveInImage("", path);
  return before.flatMap((copy) => {
    if (isInside(copy.to, folder)) {
      return [{ from: copy.from, to: joinPaths("", `${to}/${copy.to.slice(folder.length)}`) }];
    }
    const isFolder = !/\.\w+$/.test(copy.from) && !copy.from.includes("*");
    if (!isFolder || !isInside(folder, copy.to)) return [];
    return [{ from: joinPaths("", `${copy.from}/${folder.slice(copy.to.length)}`), to }];
  });
}
