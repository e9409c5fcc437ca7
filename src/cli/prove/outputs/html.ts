import { collectRequests } from "../../../prove/render/page/collect.js";
import { renderErrorPage, renderPage } from "../../../prove/render/page/write-page.js";
import type { OutputFile } from "../../open-file.js";
import type { Output } from "./output.js";

/** One page that needs nothing else. */
export function createHtmlOutput(file: OutputFile): Output {
  const requests = collectRequests();
  return {
    onRequest: (row) => requests.add(row),
    writeResult: (result) => file.write(renderPage(result, requests)),
    writeError: ({ message }) => file.write(renderErrorPage(message)),
    close: () => file.close(),
  };
}
