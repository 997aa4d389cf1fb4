import { join } from "node:path";
import type { Answer } from "../../components/existing/engine.ts";
import { doctor, type Outcome } from "../../preflight/doctor.ts";
import type { Surroundings } from "../../preflight/world.ts";
import { clientSettings } from "../../sandbox/aws/ministack.ts";
import { Project } from "./support/project.ts";
import {
  allowAgain,
  type Bent,
  BUCKET,
  closedToPublic,
  deny,
  ownedByBucket,
  ROLE,
} from "./support/sabotages/means.ts";
import { SABOTAGES } from "./support/sabotages.ts";

jest.setTimeout(240_000);

const CONFIG = {
  "aws:region": "us-east-1",
  "snowflake:role": ROLE,
  "flux-ami:awsAccountId": "111111111111",
  "flux-ami:bucketName": BUCKET,
  "flux-ami:adoptBucket": true,
  "flux-ami:metersTable": "FLUX_REFERENCE.PRODUCTION.METER_INFRASTRUCTURE",
  "flux-ami:rolePath": "/platform/",
  "flux-ami:protect": false,
  "flux-ami:onDelete": "drop",
};
const METERS = "FLUX_REFERENCE.PRODUCTION.METER_INFRASTRUCTURE";

let project: Project;
/** What the command line answered: it is slow, and what a sabotage does not bend it answers the same. */
const answers = new Map<string, Promise<Answer>>();

beforeAll(async () => {
  project = await Project.start();
  await project.seed(20, 2);
  await project.script(
    "owner",
    `CREATE ROLE ${ROLE};
     CREATE ROLE SOMEBODY_ELSE;
     GRANT ROLE ${ROLE} TO USER DEPLOYER;
     GRANT CREATE DATABASE, CREATE INTEGRATION, CREATE ROLE, CREATE WAREHOUSE ON ACCOUNT TO ROLE ${ROLE};
     GRANT USAGE ON DATABASE FLUX_REFERENCE TO ROLE ${ROLE} WITH GRANT OPTION;
     GRANT USAGE ON SCHEMA FLUX_REFERENCE.PRODUCTION TO ROLE ${ROLE} WITH GRANT OPTION;
     GRANT SELECT ON TABLE ${METERS} TO ROLE ${ROLE} WITH GRANT OPTION;
     REVOKE ROLE SOMEBODY_ELSE FROM USER DEPLOYER`,
  );
  await ownedByBucket(project);
  await closedToPublic(project);
  await project.init("dev", CONFIG);
  const { password } = project.sandbox.accounts.owner.snowflake;
  await project.pulumiOk("dev", ["config", "set-all", "--secret", `snowflake:password=${password}`]);
});
afterAll(() => project.stop());

async function ask({ config = {}, environment = {}, at = {}, aws = "owner", pulumi = {} }: Bent = {}) {
  const { accounts, aws: cloud } = project.sandbox;
  const login =
    aws === "nobody" || aws === "unreachable"
      ? { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "nothing" }
      : { ...accounts[aws].aws };
  // The region is the config's to say.
  const { region: _region, ...client } = clientSettings(cloud, login);
  const { SNOWFLAKE_PASSWORD: _, ...variables } = project.environment("owner");
  const surroundings: Surroundings = {
    stack: "dev",
    folder: project.folder,
    environment: { ...variables, ...environment },
    node: "v24.1.0",
    platform: "linux",
    aws: {
      ...client,
      ...(aws === "unreachable" && { endpoint: "https://127.0.0.1:9", maxAttempts: 1 }),
    },
    pulumi: async (args) => {
      const key = JSON.stringify([args, Object.entries(pulumi)]);
      const known = answers.get(key) ?? project.command("pulumi", [...args], pulumi);
      answers.set(key, known);
      const answer = await known;
      if (args[0] !== "config" || answer.exitCode !== 0) return answer;
      const values = JSON.parse(answer.stdout) as Record<string, { value: string; secret: boolean }>;
      for (const [name, value] of Object.entries(config)) {
        if (value === undefined) delete values[name];
        else values[name] = { value, secret: name === "snowflake:password" };
      }
      return { ...answer, stdout: JSON.stringify(values) };
    },
    ...at,
  };
  return doctor(surroundings);
}

/** What did not pass, but for what nobody can know here. */
const found = ({ results }: Outcome) =>
  results
    .filter(({ state, check }) => state !== "pass" && state !== "blocked" && check.id !== "snowflake.edition")
    .map(({ check, state }) => `${check.id} ${state}`);

test("where all is well, nothing fails, and it takes seconds", async () => {
  const outcome = await ask();
  expect(outcome.output).toContain("0 failed, 0 to look at");
  expect(found(outcome)).toEqual([]);
  expect(outcome.exitCode).toBe(0);
  expect(outcome.output.split("\n").length).toBeLessThanOrEqual(16);
});

test.each(SABOTAGES)("$what: one check says so, and no other", async (sabotage) => {
  const { bend, undo, check, state = "fail", says } = sabotage;
  try {
    const bent = typeof bend === "function" ? await bend(project) : bend;
    const outcome = await ask(bent ?? {});
    expect(found(outcome)).toEqual([`${check} ${state}`]);
    const named = outcome.results.find((result) => result.check.id === check);
    expect(named?.said).toMatch(says);
    expect(named?.cure).toBeTruthy();
    const open = named?.check.essential === false ? 0 : 3;
    expect(outcome.exitCode).toBe({ fail: 1, advice: 0, unknown: open }[state]);
    for (const blocked of outcome.results.filter((result) => result.state === "blocked"))
      expect(blocked.blockedBy).toBe(check);
  } finally {
    await undo?.(project);
  }
});

test("no secret is in its words, nor in its JSON", async () => {
  const { password } = project.sandbox.accounts.owner.snowflake;
  const outcome = await ask({ environment: { SNOWFLAKE_USER: `NOBODY ${password}` } });
  expect(outcome.output).not.toContain(password);
});

test("the command prints JSON alone, within five seconds", async () => {
  const main = join(project.folder, "preflight/main.ts");
  const args = [main, "--stack", "dev", "--output", "json"];
  const { exitCode, stdout, stderr } = await project.command("node", args);
  expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  expect(JSON.parse(stdout)).toMatchObject({ schemaVersion: 1, stack: "dev", exitCode: 0 });
  expect(await project.command("node", [main, "--only", "nothing", "--stack", "dev"])).toMatchObject({
    exitCode: 2,
  });
});

test("an update that would stop half-way stops before it makes anything, and goes on once that is mended", async () => {
  await project.sql("owner", `REVOKE CREATE INTEGRATION ON ACCOUNT FROM ROLE ${ROLE}`);
  const up = () => project.command("pulumi", ["up", "--yes", "--skip-preview", "--stack", "dev"], login);
  const login = { SNOWFLAKE_PASSWORD: undefined };
  const { exitCode, stdout } = await up();
  expect(exitCode).not.toBe(0);
  expect(stdout).toContain("this update would stop half-way; nothing was changed");
  expect(stdout).toContain(`snowflake.privileges: role ${ROLE} lacks CREATE INTEGRATION`);
  const { deployment } = JSON.parse(await project.pulumiOk("dev", ["stack", "export"]));
  const types = (deployment.resources ?? []).map(({ type }: { type: string }) => type);
  expect(types.filter((type: string) => !type.startsWith("pulumi:"))).toEqual([]);

  await project.sql("owner", `GRANT CREATE INTEGRATION ON ACCOUNT TO ROLE ${ROLE}`);
  // What only a request can tell stops nothing.
  await deny(["iam:CreateRole"], "*", { NotIpAddress: { "aws:SourceIp": "127.0.0.0/8" } })(project);
  const mended = await up();
  await allowAgain(project);
  expect(mended).toMatchObject({ exitCode: 0 });
  // What the stack has made is its own; and the role that made it lacks nothing for it.
  answers.clear();
  expect(found(await ask())).toEqual([]);
  const estimated = async () =>
    (await ask()).results.find(({ check }) => check.id === "load.estimate")?.said ?? "";
  const credits = (said: string) => Number(/ ([\d.]+) credits/.exec(said)?.[1]);
  const first = await estimated();
  await project.sql("owner", "ALTER WAREHOUSE FLUX_DEV_LOAD_WH SET GENERATION = '2'");
  const second = await estimated();
  expect(second).toContain("XLARGE of generation 2");
  expect(credits(second) / credits(first)).toBeCloseTo(1.35, 2);
});
