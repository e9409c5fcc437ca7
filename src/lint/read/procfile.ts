import type { Read, Source, Spot } from "../source/source.js";

/** One kind of process. */
export interface ProcfileEntry {
  readonly name: string;
  readonly nameSpot: Spot;
  readonly command: string;
  readonly commandSpot: Spot;
}

/** Reads a Procfile. Lines that are none of its own are passed over, as the platforms do. */
export function readProcfile(source: Source): Read<readonly ProcfileEntry[]> {
  const value = [...source.text.matchAll(/^([\w-]+):[ \t]*([^\r\n]*)/gm)].map((line) => {
    const [whole, name = "", rest = ""] = line;
    const command = rest.trimEnd();
    const start = line.index + whole.length - rest.length;
    return {
      name,
      nameSpot: source.spot(line.index, line.index + name.length),
      command,
      commandSpot: source.spot(start, start + command.length),
    };
  });
  return { value, problems: [] };
}
