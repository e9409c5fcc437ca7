import { createHash } from "node:crypto";

const PLACE = /\{\{(id|\$uuid|\$timestamp|\$randomInt(?: -?\d+ -?\d+)?)\}\}/gu;

/** Whether a name between braces is filled in for each request, and not where it is read. */
export function isFilledPerRequest(name: string): boolean {
  return `{{${name}}}`.replace(PLACE, "") === "";
}

/**
 * Fills in what differs from request to request: `{{id}}` the request's id, and, determined by it so that
 * a seed repeats them, `{{$uuid}}` and `{{$randomInt 1 10}}` (the upper bound is not reached).
 * `{{$timestamp}}` is the wall clock in seconds.
 */
export function fill(text: string, id: string): string {
  if (!text.includes("{{")) return text;
  return text.replace(PLACE, (_place, name: string, at: number) => valueOf(name, id, at));
}

function valueOf(name: string, id: string, at: number): string {
  if (name === "id") return id;
  if (name === "$timestamp") return String(Math.floor(Date.now() / 1_000));
  const hash = createHash("sha256")
    .update(`${id} ${String(at)}`)
    .digest();
  if (name === "$uuid") return formatUuid(hash);
  const [from = 0, to = 1_000] = name.split(" ").slice(1).map(Number);
  return String(from + (hash.readUInt32BE(0) % Math.max(1, to - from)));
}

/** RFC 9562 §5.8: 122 bits of one's own, with the version and variant in their places. */
function formatUuid(hash: Buffer): string {
  const bytes = Buffer.from(hash.subarray(0, 16));
  bytes.writeUInt8(((bytes[6] ?? 0) & 0x0f) | 0x80, 6);
  bytes.writeUInt8(((bytes[8] ?? 0) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join("-");
}
