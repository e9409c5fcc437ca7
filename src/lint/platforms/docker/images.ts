import type { Project } from "../../files/project.js";
import type { Command } from "../../model/command.js";
import type { Image } from "../../model/image.js";
import type { Instruction } from "../../read/dockerfile/dockerfile.js";
import { given, type Value } from "../../source/value.js";
import { describeBase } from "../../model/bases.js";
import { listCopies } from "./copies.js";
import { DOCKERFILE } from "./dockerfiles.js";
import { expand, lineage, listStages, unquote, type Stage } from "./stages.js";

/** The image that a Dockerfile makes: its last stage, or the one that is asked for. */
export function readImage(
  project: Project,
  file: string,
  target: string | null,
  context: string | null,
): Image | undefined {
  const parsed = project.parse(DOCKERFILE, file);
  if (parsed === undefined) return undefined;
  const stages = listStages(parsed.value);
  const stage =
    target === null
      ? stages.at(-1)
      : stages.find(({ name }) => name?.toLowerCase() === target.toLowerCase());
  return stage === undefined ? undefined : toImage(file, context, stages, stage);
}

function toImage(
  file: string,
  context: string | null,
  stages: readonly Stage[],
  stage: Stage,
): Image {
  const line = lineage(stages, stage);
  const root = line.at(-1) ?? stage;
  // From the base on, so that what comes last counts.
  const all = line.toReversed().flatMap(({ instructions }) => instructions);
  const { entrypoint, cmd } = readCommands(line);
  return {
    file,
    context,
    stage: stage.name,
    base: root.from === null ? null : describeBase(root.from, root.fromSpot),
    entrypoint,
    cmd,
    command: join(entrypoint, cmd),
    stopSignal: readStopSignal(all),
    workdir: readWorkdir(all),
    environment: readEnvironment(all),
    copies: listCopies(stages, stage),
    installs: all.filter(({ keyword }) => keyword === "RUN").flatMap(listInstalls),
    spot: stage.spot,
  };
}

/** A stage with an ENTRYPOINT of its own forgets the CMD of its base. */
function readCommands(line: readonly Stage[]): { entrypoint: Command | null; cmd: Command | null } {
  let [entrypoint, cmd]: [Command | null, Command | null] = [null, null];
  for (const { instructions } of line.toReversed()) {
    const own = instructions.findLast(({ keyword }) => keyword === "ENTRYPOINT");
    const last = instructions.findLast(({ keyword }) => keyword === "CMD");
    if (own !== undefined) [entrypoint, cmd] = [toCommand(own), null];
    if (last !== undefined) cmd = toCommand(last);
  }
  return { entrypoint, cmd };
}

function toCommand({ exec, text, textSpot }: Instruction): Command | null {
  if (exec?.words)
    return exec.words.length === 0 ? null : { words: exec.words, isShell: false, spot: textSpot };
  return text === "" ? null : { words: [{ text, spot: textSpot }], isShell: true, spot: textSpot };
}

/** As Docker puts them together: an ENTRYPOINT in shell form takes no words of CMD. */
export function join(entrypoint: Command | null, cmd: Command | null): Command | null {
  if (entrypoint === null) return cmd;
  if (entrypoint.isShell || cmd === null) return entrypoint;
  const rest = cmd.isShell ? [...shellWords(cmd), ...cmd.words] : cmd.words;
  return { words: [...entrypoint.words, ...rest], isShell: false, spot: cmd.spot };
}

function shellWords({ spot }: Command): Command["words"] {
  return ["/bin/sh", "-c"].map((text) => ({ text, spot }));
}

function readStopSignal(instructions: readonly Instruction[]): Value<string> | null {
  const word = instructions.findLast(({ keyword }) => keyword === "STOPSIGNAL")?.words[0];
  return word === undefined ? null : given("STOPSIGNAL", unquote(word.text), word.spot);
}

function readWorkdir(instructions: readonly Instruction[]): string | null {
  let folder: string | null = null;
  const variables = new Map(
    [...readEnvironment(instructions)].map(([name, { value }]) => [name, value]),
  );
  for (const { keyword, text } of instructions) {
    if (keyword !== "WORKDIR") continue;
    const next = expand(unquote(text), variables);
    if (next === null) return null;
    folder = next.startsWith("/") ? next : `${folder ?? ""}/${next}`;
  }
  return folder?.replace(/\/+$/, "") ?? null;
}

function readEnvironment(
  instructions: readonly Instruction[],
): ReadonlyMap<string, Value<string | null>> {
  const variables = new Map<string, Value<string | null>>();
  for (const { keyword, words } of instructions) {
    if (keyword !== "ENV") continue;
    const isOld = !/^\w+=/.test(words[0]?.text ?? "");
    if (isOld) {
      const [name, ...values] = words;
      const text = values.map((word) => word.text).join(" ");
      if (name !== undefined) variables.set(name.text, given(name.text, unquote(text), name.spot));
      continue;
    }
    for (const { text, spot } of words) {
      const [name = "", ...value] = text.split("=");
      variables.set(name, given(name, unquote(value.join("=")), spot));
    }
  }
  return variables;
}

const INSTALL =
  /\b(?:apt-get|apt|apk|dnf|yum|microdnf)\s+(?:-\S+\s+)*(?:install|add)\s+([^&|;\n]+)/g;

function listInstalls({ text, heredocs }: Instruction): string[] {
  return [text, ...heredocs].flatMap((script) =>
    [...script.matchAll(INSTALL)].flatMap(([, list = ""]) =>
      list
        .split(/\s+/)
        .filter((word) => word !== "" && !word.startsWith("-"))
        .map((word) => word.replace(/[=~<>].*$/, "")),
    ),
  );
}
