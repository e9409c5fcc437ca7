import assert from "node:assert/strict";
import { test } from "node:test";

import { startCli } from "./run-cli.js";

const print = (env: NodeJS.ProcessEnv) => startCli(["auto", "--print"], env).ended;

test("lastcall auto --print says what applies, and where it comes from", async () => {
  const { code, stdout } = await print({
    LASTCALL_GRACE_PERIOD: "10s",
    LASTCALL_PROBES: "/ready",
    LASTCALL_EXCLUDE_PORTS: "9090,9100-9101",
  });
  assert.equal(code, 0);
  assert.match(stdout, /^mode +default +drain$/m);
  assert.match(stdout, /^gracePeriod +LASTCALL_GRACE_PERIOD +10000 ms$/m);
  assert.match(stdout, /^probes\.ready +LASTCALL_PROBES +\/ready$/m);
  assert.match(stdout, /^probes\.live +default +\/livez$/m);
  assert.match(stdout, /^excludePorts +LASTCALL_EXCLUDE_PORTS +9090,9100-9101$/m);
  assert.match(stdout, /^Of 10000 ms: lame duck 2000 to 2000, /m);
});

test("a variable that no option has is named, with the one that was meant", async () => {
  const { code, stdout } = await print({ LASTCALL_GRACE_PERIODE: "10s" });
  assert.equal(code, 0);
  assert.match(
    stdout,
    /LASTCALL_GRACE_PERIODE is no option: did you mean `LASTCALL_GRACE_PERIOD`\?/,
  );
});

test("a wrong value is named, and the exit code is that of bad usage", async () => {
  const { code, stdout, stderr } = await print({ LASTCALL_GRACE_PERIOD: "10" });
  assert.deepEqual([code, stdout], [2, ""]);
  assert.match(stderr, /`LASTCALL_GRACE_PERIOD` to be a duration/);
});

test("not strict: it is named, and the default applies", async () => {
  const { code, stdout } = await print({ LASTCALL_GRACE_PERIOD: "10", LASTCALL_STRICT: "0" });
  assert.equal(code, 0);
  assert.match(stdout, /^gracePeriod +default +30,000$/m);
  assert.match(stdout, /`LASTCALL_GRACE_PERIOD` to be a duration/);
});
