import { unixSocket, type Address } from "./address.js";

/** What `--url` names. */
export interface ServiceUrl {
  readonly address: Address;
  readonly isTls: boolean;
  /** Path and query; `/` when there is none. */
  readonly path: string;
}

/** Reads an http or https URL without credentials or fragment, or `unix:/path`; undefined when it is none. */
export function parseUrl(text: string): ServiceUrl | undefined {
  if (text.startsWith("unix:/")) {
    return { address: unixSocket(text.slice("unix:".length)), isTls: false, path: "/" };
  }
  if (!URL.canParse(text)) return undefined;
  const { protocol, hostname, port, host, pathname, search, username, hash } = new URL(text);
  const isTls = protocol === "https:";
  if ((!isTls && protocol !== "http:") || username !== "" || hash !== "") return undefined;
  return {
    address: {
      // An IPv6 address has brackets in a URL, and none in a socket's options.
      host: hostname.replace(/^\[(.*)\]$/, "$1"),
      port: port === "" ? (isTls ? 443 : 80) : Number(port),
      authority: host,
    },
    isTls,
    path: pathname + search,
  };
}

/** Whether a text names a place on the web, be it well or not. */
export function isHttpUrl(text: string): boolean {
  return /^https?:/i.test(text);
}
