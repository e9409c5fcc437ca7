import assert from "node:assert/strict";
import { test } from "node:test";

import { NotInspectedError } from "#src/prove/inspect/errors.js";
import type { Heard, InspectLink } from "#src/prove/inspect/link.js";
import { InspectSession } from "#src/prove/inspect/session.js";
import type { Visit } from "#src/prove/inspect/visit.js";
import { resolveOptions } from "#src/prove/options/resolve.js";
import type { Subject } from "#src/prove/subject/subject.js";

/** A session with a service whose processes say this. */
function session(heard: Heard): InspectSession {
  const link = { list: async () => heard } as unknown as InspectLink;
  const options = resolveOptions({ command: ["node"], requests: ["GET /"] });
  return new InspectSession({} as Subject, link, options);
}

const visits = [{ id: "1" } as Visit];

test("a service too busy to say what lives in it was not inspected: it has not left nothing", async () => {
  const silent = session({ resources: [], closed: {}, isWhole: false });
  await assert.rejects(silent.listAll(visits), NotInspectedError);
  // While it stops it may be silent.
  assert.deepEqual(await silent.list(visits), []);
});

test("(control: one that says that nothing lives is believed)", async () => {
  const quiet = session({ resources: [], closed: {}, isWhole: true });
  assert.deepEqual(await quiet.listAll(visits), []);
});
