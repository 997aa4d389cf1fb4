import { STACK_KINDS } from "../../config/index.ts";
import { type Check, type Finding, fail, pass, unknown } from "../../preflight/check.ts";
import { CHECKS, checksFor } from "../../preflight/checks/index.ts";
import { doctor, WishError } from "../../preflight/doctor.ts";
import { json, text } from "../../preflight/report.ts";
import { exitCodeOf, run } from "../../preflight/run.ts";
import { type Surroundings, World } from "../../preflight/world.ts";

const AT: Surroundings = {
  stack: "dev",
  folder: ".",
  environment: {},
  node: process.version,
  platform: "linux",
  pulumi: async () => ({ exitCode: 255, stdout: "", stderr: "error: no stack" }),
};
const world = () => new World(AT);

function check(
  id: Check["id"],
  finding: Finding | (() => Promise<Finding>),
  more: Partial<Check> = {},
): Check {
  const run = typeof finding === "function" ? finding : async () => finding;
  return { id, title: id, service: "local", run, ...more };
}
const states = async (checks: Check[]) =>
  (await run(checks, world())).map(({ check, state, blockedBy }) => [check.id, state, blockedBy]);

test("an ID is of one check only, is of its group, and what a check needs is there and does not need it", () => {
  const ids = CHECKS.map(({ id }) => id as string);
  expect(new Set(ids).size).toBe(ids.length);
  const needed = (id: string, path: string[] = []): void => {
    expect(path).not.toContain(id);
    expect(ids).toContain(id);
    for (const need of CHECKS.find((one) => one.id === id)?.needs ?? []) needed(need, [...path, id]);
  };
  for (const id of ids) needed(id);
  for (const kind of STACK_KINDS) {
    const known = checksFor({ kind }).map(({ id }) => id as string);
    for (const { needs = [] } of checksFor({ kind }))
      expect(known).toEqual(expect.arrayContaining([...needs]));
  }
});

test("what hangs on a failure is blocked by it, however long the chain, and nothing else is", async () => {
  expect(
    await states([
      check("aws.last", pass(""), { needs: ["aws.middle"] }),
      check("aws.middle", pass(""), { needs: ["aws.root"] }),
      check("aws.root", fail("broken", "mend it")),
      check("aws.other", pass("")),
    ]),
  ).toEqual([
    ["aws.last", "blocked", "aws.root"],
    ["aws.middle", "blocked", "aws.root"],
    ["aws.root", "fail", undefined],
    ["aws.other", "pass", undefined],
  ]);
});

test("a check that breaks is unknown, for itself alone", async () => {
  const broken = check("aws.broken", () => Promise.reject(new TypeError("no such thing")));
  const results = await run([broken, check("aws.other", pass(""))], world());
  expect(results.map(({ state }) => state)).toEqual(["unknown", "pass"]);
  expect(results[0]?.said).toContain("TypeError: no such thing");
});

test("a check that hangs is unknown when its time is up, and so are those that wait when all time is up", async () => {
  const hanging = (id: Check["id"]) => check(id, () => new Promise(() => {}));
  const limits = { local: 20, network: 20, overall: 30 };
  const checks = [
    hanging("aws.first"),
    check("aws.late", pass(""), { needs: ["aws.first"] }),
    check("aws.fine", pass("")),
  ];
  const results = await run(checks, world(), { limits });
  expect(results.map(({ state }) => state)).toEqual(["unknown", "blocked", "pass"]);
  expect(exitCodeOf(results)).toBe(3);
});

test("at most eight are asked at once, and four of one service", async () => {
  let most = 0;
  let mostOfAws = 0;
  const services = ["aws", "snowflake"] as const;
  const checks = Array.from({ length: 30 }, (_, index) =>
    check(`aws.number-${index}`, async () => pass(""), { service: services[index % 2] as "aws" }),
  );
  await run(checks, world(), {
    progress: (pending) => {
      most = Math.max(most, pending.length);
      mostOfAws = Math.max(mostOfAws, pending.filter(({ service }) => service === "aws").length);
    },
  });
  expect([most, mostOfAws]).toEqual([8, 4]);
});

test("the exit code is 1 for a failure, 3 for something essential that is not known, else 0", async () => {
  const code = async (...checks: Check[]) => exitCodeOf(await run(checks, world()));
  const lacking = unknown("nobody knows");
  expect(await code(check("aws.a", pass("")))).toBe(0);
  expect(await code(check("aws.a", { state: "advice", said: "", cure: "x" }))).toBe(0);
  expect(await code(check("aws.a", lacking, { essential: false }))).toBe(0);
  expect(await code(check("aws.a", lacking))).toBe(3);
  expect(await code(check("aws.a", lacking), check("aws.b", fail("", "x")))).toBe(1);
});

test("one root cause is one failure with its cure, and one line for all that it blocks", async () => {
  const blocked = [1, 2, 3].map((index) => check(`aws.b${index}`, pass(""), { needs: ["aws.root"] }));
  const results = await run([check("aws.root", fail("it is broken", "mend it")), ...blocked], world());
  const lines = text(results, { stack: "dev" }).split("\n");
  expect(lines.filter((line) => line.includes("✗ FAIL"))).toEqual(["    ✗ FAIL aws.root: it is broken"]);
  expect(lines).toContain("      cure: mend it");
  expect(lines).toContain("    ? 3 not checked: blocked by aws.root");
  expect(lines.length).toBeLessThanOrEqual(24);
});

test("a secret that an answer repeats is shown neither in words nor in JSON", async () => {
  const secret = 'a "quoted" secret';
  const results = await run([check("aws.a", fail(`you said ${secret}`, "x"))], world());
  const reporting = { stack: "dev", secrets: [secret] };
  expect(text(results, reporting)).toContain("you said [secret]");
  expect(JSON.parse(json(results, reporting)).checks[0].said).toBe("you said [secret]");
});

test("the JSON says of each check what came of it", async () => {
  const results = await run([check("aws.root", fail("broken", "mend it"))], world());
  expect(JSON.parse(json(results, { stack: "dev" }))).toMatchObject({
    schemaVersion: 1,
    exitCode: 1,
    checks: [
      { id: "aws.root", group: "aws", state: "fail", said: "broken", cure: "mend it", blockedBy: null },
    ],
  });
});

test("only what was asked for runs, with what it needs; what nobody asked for is not counted as unknown", async () => {
  const asked = async (wishes: Parameters<typeof doctor>[1]) =>
    (await doctor(AT, wishes)).results
      .filter(({ state }) => state !== "skipped")
      .map(({ check }) => check.id);
  expect(await asked({ only: ["pulumi.stack"] })).toEqual(["pulumi.cli", "pulumi.backend", "pulumi.stack"]);
  expect(await asked({ only: ["machine"], skip: ["machine.node"] })).toEqual([
    "machine.system",
    "machine.packages",
  ]);
  expect((await doctor(AT, { only: ["machine"] })).exitCode).toBe(0);
  const offline = await doctor(AT, { offline: true });
  expect(offline.exitCode).toBe(0);
  expect(offline.output).toContain("not asked");
  await expect(doctor(AT, { only: ["machine.nod"] })).rejects.toThrow(WishError);
});
