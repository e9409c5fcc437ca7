// nomad/: the tasks of Nomad's jobs, and what its clients allow them.
import type { FileKind, Project } from "../../files/project.js";
import type { Command } from "../../model/command.js";
import { createWorkload, type Workload } from "../../model/workload.js";
import { attributeOf, blocksOf, type HclBlock, type HclBody, readHcl } from "../../read/hcl/hcl.js";
import { parseDuration } from "../../source/duration.js";
import { entriesOf, itemsOf, textOf, type Entry } from "../../source/tree.js";
import { given, usual, type Value } from "../../source/value.js";
import { isForDevelopment } from "../docker/dockerfiles.js";
import type { PlatformReader } from "../reader.js";

const KILL_TIMEOUT = 5_000;

/** Jobs, and configurations of agents. */
const NOMAD_FILE: FileKind<HclBody> = {
  name: "Nomad file",
  matches: (file) => /\.(?:nomad|hcl)$/.test(file) && !/\.pkr\.hcl$|terragrunt\.hcl$/.test(file),
  looksRight: (text) =>
    (isJob(text) || text.includes("max_kill_timeout")) &&
    // What Terraform or a pack has to fill in first is none yet.
    !/\[\[|^[ \t]*%\{|<%/m.test(text),
  read: readHcl,
};

function isJob(text: string): boolean {
  return /^[ \t]*job[ \t]+"?[^"\n]+"?[ \t]*\{/m.test(text) && /\btask[ \t]+"/.test(text);
}

/** Nomad. */
export const NOMAD: PlatformReader = {
  kinds: [NOMAD_FILE],
  listWorkloads: (project: Project) => project.once(listTasks).map(({ workload }) => workload),
};

/** A task of a job. */
export interface NomadTask {
  readonly group: HclBlock;
  readonly task: HclBlock;
  /** The service that sends it requests, where one does. */
  readonly service: HclBlock | null;
  /** What passes between the end of its registration and its signal; null where that is not known. */
  readonly delay: Value<number> | null;
  readonly workload: Workload;
}

/** Every task of the project that stays: those that run before or after another are not served. */
export function listTasks(project: Project): readonly NomadTask[] {
  const files = project
    .all(NOMAD_FILE)
    .filter(({ source, problems }) => problems.length === 0 && !isForDevelopment(source.file));
  return files.flatMap(({ value }) =>
    blocksOf(value, "job")
      .filter((job) => !/^(?:batch|sysbatch)$/.test(textOf(attributeOf(job, "type")?.value) ?? ""))
      .flatMap((job) => [...blocksOf(job, "group"), job])
      .flatMap((group) => {
        const tasks = blocksOf(group, "task").filter(
          (task) => blocksOf(task, "lifecycle").length === 0,
        );
        return tasks.map((task) => toTask(group, task, tasks.length === 1));
      }),
  );
}

function toTask(group: HclBlock, task: HclBlock, isAlone: boolean): NomadTask {
  const service = blocksOf(task, "service")[0] ?? findGroupService(group, task, isAlone);
  const delay = readDelay(group, task);
  return { group, task, service, delay, workload: toWorkload(group, task, { service, delay }) };
}

/** A group's service is of the task that it names, or of the only one. */
function findGroupService(group: HclBlock, task: HclBlock, isAlone: boolean): HclBlock | null {
  const services = blocksOf(group, "service");
  const named = services.find(
    (service) => textOf(attributeOf(service, "task")?.value) === task.labels[0],
  );
  return named ?? (isAlone ? (services[0] ?? null) : null);
}

/** That of the group and that of the task pass one after the other. */
function readDelay(group: HclBlock, task: HclBlock): Value<number> | null {
  const written = [group, task].flatMap((block) => attributeOf(block, "shutdown_delay") ?? []);
  const times = written.map(({ value }) => parseDuration(textOf(value) ?? ""));
  const [first] = written;
  if (first === undefined) return usual("shutdown_delay", 0, task.spot);
  if (!times.every((time) => time !== undefined)) return null;
  return given(
    "shutdown_delay",
    times.reduce((sum, time) => sum + time, 0),
    first.value.spot,
  );
}

function toWorkload(
  group: HclBlock,
  task: HclBlock,
  { service, delay }: Pick<NomadTask, "service" | "delay">,
): Workload {
  const driver = textOf(attributeOf(task, "driver")?.value);
  const [config] = blocksOf(task, "config");
  const image = config === undefined ? undefined : attributeOf(config, "image");
  const imageName = textOf(image?.value);
  return createWorkload({
    platform: "nomad",
    kind: "task",
    name: [group.labels[0], task.labels[0]].filter((label) => typeof label === "string").join("/"),
    spot: task.spot,
    whole: task.whole,
    grant: readTime(attributeOf(task, "kill_timeout"), "kill_timeout", KILL_TIMEOUT, task),
    beforeSignal: usual("before the signal", 0, task.spot),
    outsideGrant: delay,
    signal: readSignal(task, driver),
    signalled: "first",
    command: driver === "exec" || driver === "raw_exec" ? readCommand(config) : null,
    entrypoint: driver === "docker" ? readWords(config, "entrypoint") : null,
    cmd: driver === "docker" ? (readCommand(config) ?? readWords(config, "args")) : null,
    imageName:
      image === undefined || imageName === undefined
        ? null
        : given("image", imageName, image.value.spot),
    isServed: service !== null,
    environment: readEnvironment(task),
  });
}

function readTime(
  entry: Entry | undefined,
  name: string,
  without: number,
  { spot }: HclBlock,
): Value<number> | null {
  if (entry === undefined) return usual(name, without, spot);
  const time = parseDuration(textOf(entry.value) ?? "");
  return time === undefined ? null : given(name, time, entry.value.spot);
}

/** Of a container the image says it, where the task does not. */
function readSignal(task: HclBlock, driver: string | undefined): Value<string> | null {
  const written = attributeOf(task, "kill_signal");
  const signal = textOf(written?.value);
  if (written !== undefined)
    return signal === undefined ? null : given("kill_signal", signal, written.value.spot);
  return driver === "exec" || driver === "raw_exec"
    ? usual("kill_signal", "SIGINT", task.spot)
    : null;
}

function readCommand(config: HclBlock | undefined): Command | null {
  const command = config === undefined ? undefined : attributeOf(config, "command");
  const text = textOf(command?.value);
  if (command === undefined || text === undefined) return null;
  const first = { text, spot: command.value.spot };
  return {
    words: [first, ...(readWords(config, "args")?.words ?? [])],
    isShell: false,
    spot: command.value.spot,
  };
}

function readWords(config: HclBlock | undefined, name: string): Command | null {
  const list = config === undefined ? undefined : attributeOf(config, name)?.value;
  const words = itemsOf(list).map((item) => ({ text: textOf(item) ?? "$", spot: item.spot }));
  return list === undefined || words.length === 0
    ? null
    : { words, isShell: false, spot: list.spot };
}

function readEnvironment(task: HclBlock): ReadonlyMap<string, Value<string | null>> {
  const entries = blocksOf(task, "env").flatMap(({ attributes }) => attributes);
  const assigned = entriesOf(attributeOf(task, "env")?.value);
  return new Map(
    [...entries, ...assigned].map(({ key, value }) => {
      const text = value.kind === "scalar" ? String(value.value) : null;
      return [key, given(key, text, value.spot)] as const;
    }),
  );
}

/** The most that the project's clients allow for `kill_timeout`; null where no configuration says it. */
export function readMostKillTimeout(project: Project): Value<number> | null {
  const times = project.all(NOMAD_FILE).flatMap(({ value }) =>
    blocksOf(value, "client").flatMap((client) => {
      const written = attributeOf(client, "max_kill_timeout");
      const time = parseDuration(textOf(written?.value) ?? "");
      return written === undefined || time === undefined
        ? []
        : [given("max_kill_timeout", time, written.value.spot)];
    }),
  );
  return times.toSorted((a, b) => a.value - b.value)[0] ?? null;
}
