import { renderSarif, renderSarifError } from "../../../prove/render/sarif.js";
import { readVersion } from "../../version.js";
import { nameFile } from "../../name-file.js";
import type { OutputFile } from "../../open-file.js";
import type { Output } from "./output.js";

/** SARIF 2.1.0, for what shows findings beside the code. */
export function createSarifOutput(file: OutputFile): Output {
  return {
    writeResult: (result) => file.write(renderSarif(result, readVersion(), nameFile)),
    writeError: ({ message }) => file.write(renderSarifError(message, readVersion())),
    close: () => file.close(),
  };
}
