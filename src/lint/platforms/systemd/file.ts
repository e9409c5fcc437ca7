import type { FileKind } from "../../files/project.js";
import { readSystemd, type SystemdUnit } from "../../read/systemd.js";

/** Units of services, and drop-ins that change them. */
export const UNIT_FILE: FileKind<SystemdUnit> = {
  name: "systemd unit",
  matches: (file) => /\.service$|\.service\.d\/[^/]+\.conf$/.test(file),
  looksRight: (text) => /^\[Service\]\s*$/m.test(text) && !/\{\{|\{%|<%/.test(text),
  read: readSystemd,
};
