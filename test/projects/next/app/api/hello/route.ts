import { currentSignal, isLastcallError } from "lastcall";

export const dynamic = "force-dynamic";

export function GET(): Response {
  return Response.json([typeof currentSignal(), isLastcallError(undefined)]);
}
