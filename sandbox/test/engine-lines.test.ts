import { EngineReader } from "../engine-lines.ts";

function read(...lines: string[]) {
  const reader = new EngineReader();
  const shown = lines.flatMap((line) => reader.take(line));
  const of = (wanted: string) => shown.filter(({ kind }) => kind === wanted).map(({ text }) => text);
  return { done: of("done"), said: of("say"), warned: of("warn"), cause: reader.cause() };
}

it("shows of a preview what it comes to", () => {
  const { done, warned } = read(
    "Previewing update (sandbox):",
    "Loading policy packs...: starting",
    "@ previewing update....",
    " +  aws:iam:Role trust-role create ",
    "Outputs:",
    '    bucketName: "x"',
    "",
    "Resources:",
    "    + 42 to create",
    "",
  );
  expect(done).toEqual(["preview: 42 to create"]);
  expect(warned).toEqual([]);
  expect(read("Previewing update (x):", "Resources:", "    42 unchanged", "").done).toEqual([
    "preview: nothing changes",
  ]);
});

it("does not show that a policy waits for what only `up` can tell; shows advice, and what is broken as the cause", () => {
  const { warned, cause } = read(
    "Previewing update (sandbox):",
    "Policies:",
    "    ⚠️ flux-ami@v0.1.0 (local: policies)",
    "        - [advisory] [severity: critical]  role-trust  (aws:iam:Role: trust-role)",
    "          can't run policy 'role-trust' from policy pack 'flux-ami@v0.1.0' during preview: string value at .x can't be known during preview",
    "        - [advisory] [severity: low]  tags  (aws:iam:Role: trust-role)",
    "          it has no tag",
    "        - [mandatory] [severity: high]  bucket-is-private  (raw)",
    "          everybody may read it",
    "",
    "Resources:",
    "    + 42 to create",
  );
  expect(warned).toEqual(["[advisory] [severity: low]  tags  (aws:iam:Role: trust-role)\n    it has no tag"]);
  expect(cause).toBe("- [mandatory] [severity: high]  bucket-is-private  (raw)\n    everybody may read it");
});

it("counts what was made before the load, and ends the load with its figures", () => {
  const { done, said } = read(
    "Updating (sandbox):",
    " +  pulumi:pulumi:Stack flux-ami-sandbox creating (0s) ",
    " +  aws:iam:Role trust-role creating (0s) ",
    " +  aws:iam:Role trust-role created (0.11s) ",
    " ~  snowflake:index:Warehouse compute-warehouse updated (0.20s) [diff: ~warehouseSize]",
    " +  pulumi:pulumi:Stack flux-ami-sandbox creating (10s) load: 21 files, about 10 s",
    "    pulumi:pulumi:Stack flux-ami-sandbox running audit: ok   continuity: every meter has 96 readings a day",
    "    pulumi:pulumi:Stack flux-ami-sandbox running load: 21 files, 2,016 rows published, 0 rejected",
    " +  pulumi-nodejs:dynamic/flux-ami:VerifiedLoad load created (28s) ",
    " +  pulumi:pulumi:Stack flux-ami-sandbox creating (11s) 3 messages",
    " +  pulumi:pulumi:Stack flux-ami-sandbox created (12s) 3 messages",
    "Resources:",
    "    + 42 created",
    "",
  );
  expect(done).toEqual([
    "resources: 1 created, 1 updated",
    "load: 21 files, 2,016 rows published, 0 rejected; 1 checks hold",
  ]);
  expect(said).toEqual([
    "trust-role",
    "compute-warehouse",
    "load: 21 files, about 10 s",
    "audit: ok   continuity: every meter has 96 readings a day",
    "load: 21 files, 2,016 rows published, 0 rejected",
  ]);
});

it("says how many resources there are when there was nothing to do", () => {
  expect(read("Updating (sandbox):", "Resources:", "    42 unchanged", "", "Duration: 5s").done).toEqual([
    "resources: 42 unchanged",
  ]);
});

it("shows a check that warned", () => {
  const warning =
    "    pulumi:pulumi:Stack x running audit: warn voltage: 98 % of readings from 110 to 125 V: MTR-1";
  expect(read("Updating (sandbox):", warning).warned).toEqual([
    "voltage: 98 % of readings from 110 to 125 V: MTR-1",
  ]);
});

it("tells the cause of a failure alone: no progress, no program's words, no outputs", () => {
  const { cause } = read(
    "Updating (sandbox):",
    " ~  pulumi-nodejs:dynamic/flux-ami:VerifiedLoad load **updating failed** error: 2 errors occurred:",
    "Diagnostics:",
    "  pulumi:pulumi:Stack (flux-ami-sandbox):",
    "    error: update failed",
    "",
    "    load: 1 file, 684 kB",
    "    audit: ok   keyNulls: METER_ID and TIMESTAMP are never NULL",
    "",
    "  pulumi-nodejs:dynamic/flux-ami:VerifiedLoad (load):",
    "    error: 2 errors occurred:",
    "    \t* continuity: 4 missing",
    "      cure: have them delivered",
    "",
    "Outputs:",
    '  - bucketName: "x"',
    "",
    "Resources:",
    "    41 unchanged",
    "    1 errored",
  );
  expect(cause).toBe("error: 2 errors occurred:\n  * continuity: 4 missing\n  cure: have them delivered");
});

it("tells why the engine could not begin", () => {
  expect(
    read("error: the stack is currently locked by 1 lock(s)", "  /x/lock.json: created by me").cause,
  ).toBe("error: the stack is currently locked by 1 lock(s)\n  /x/lock.json: created by me");
});
