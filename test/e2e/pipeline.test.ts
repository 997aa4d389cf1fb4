/** What the pipeline does beside previews: loads alone, cancelled and killed ones, and drift under the viewer's rights. */
import type { ChildProcess } from "node:child_process";
import { startFaultProxy } from "./support/fault-proxy.ts";
import { letInBeside, loaderLogin, publishLoad, runLoad, viewerLogin } from "./support/pipeline.ts";
import { ReviewStack } from "./support/review-stack.ts";

const BUCKET = "flux-review-raw-111111111111";
const TABLE = "FLUX_REVIEW.PRODUCTION.AMI_INTERVAL_READINGS";

jest.setTimeout(300_000);

let stack: ReviewStack;
const warehouse = async () => (await stack.sql("SHOW WAREHOUSES LIKE 'FLUX_REVIEW_LOAD_WH'"))[0]?.size;
const lock = () => stack.sql(`SELECT HOLDER FROM ${TABLE}_LOAD_LOCK`, "LOOKING_WH");
const rows = async () =>
  (await stack.sql(`SELECT COUNT(*) AS N FROM ${TABLE}`, "LOOKING_WH"))[0]?.N as number;

beforeAll(async () => {
  stack = await ReviewStack.start("review", {
    "aws:region": "us-east-1",
    awsAccountId: "111111111111",
    bucketName: BUCKET,
    adoptBucket: true,
    bucketGuards: "manage",
    protect: false,
  });
  stack.seed(BUCKET, 5, 2);
  const { exitCode, output } = await stack.up("--skip-preview");
  if (exitCode !== 0) throw new Error(`the stack did not come up: ${output}`);
  await stack.sql("CREATE WAREHOUSE LOOKING_WH");
});
afterAll(() => stack?.stop());

test("a load alone, by the loader's login: cancelled, killed, published, refused", async () => {
  const proxy = await startFaultProxy(() => stack.sandbox.snowflake.port);
  const enlarged = ({ sql }: { sql: string }) => sql.includes("WAREHOUSE_SIZE = 'XLARGE'");
  try {
    const loader = await loaderLogin(stack);
    const through = { ...loader, SNOWFLAKE_PORT: String(proxy.port) };
    const before = await rows();
    stack.seed(BUCKET, 5, 4);
    let load: ChildProcess | undefined;
    void proxy.arm({
      matches: enlarged,
      phase: "after",
      act: () => {
        // What GitHub sends to a step of a cancelled job.
        load?.kill("SIGINT");
        return "pass";
      },
    });
    const cancelled = await runLoad(stack, through, (child) => {
      load = child;
    });
    expect(cancelled).toMatchObject({ exitCode: 130, left: { code: 130 } });
    expect([await warehouse(), await lock(), await rows()]).toEqual(["Medium", [], before]);

    // One that takes too long to end is killed, and another step gives back what it held.
    void proxy.arm({
      matches: enlarged,
      phase: "after",
      act: async () => {
        const [held] = await lock();
        process.kill(Number(String(held?.HOLDER).split(":")[1]), "SIGKILL");
        return "drop" as const;
      },
    });
    expect(await runLoad(stack, through)).toMatchObject({ exitCode: 2, left: { code: 2, refused: false } });
    expect((await publishLoad(stack))?.body.body).toContain("Whether it published is not known here");
    expect(await warehouse()).toBe("X-Large");
    expect(await stack.script("commands/give-back.ts", [], loader)).toMatchObject({ exitCode: 0 });
    expect([await warehouse(), await lock(), await rows()]).toEqual(["Medium", [], before]);

    expect(await runLoad(stack, loader)).toMatchObject({ exitCode: 0, left: { code: 0 } });
    expect(await rows()).toBe(before * 2);
    const mine = { login: "github-actions[bot]" };
    const issue = { number: 12, body: "<!-- flux-ami load review -->\n", user: mine };
    expect(await publishLoad(stack, issue)).toMatchObject({
      line: "PATCH /repos/flux/ami/issues/12",
      body: { state: "closed" },
    });

    stack.seed(BUCKET, 5, 1, "--from", "2026-07-05", "--faults", "gap");
    const refused = await runLoad(stack, loader);
    expect(refused).toMatchObject({ exitCode: 1, left: { code: 1, refused: true } });
    expect(await rows()).toBe(before * 2);
    const opened = await publishLoad(stack);
    expect(opened?.line).toBe("POST /repos/flux/ami/issues");
    expect(opened?.body.body).toMatch(
      /The load was refused\*\*; the readings are as they were before[\s\S]*continuity/,
    );
    expect(refused.output).not.toContain(String(loader.SNOWFLAKE_PRIVATE_KEY).split("\n")[1]);
  } finally {
    await proxy.stop();
  }
});

test("who may only look sees what was added beside the stack, and takes nothing else for drift", async () => {
  const viewer = await viewerLogin(stack);
  expect((await stack.drift(viewer)).review).toMatchObject({ dangers: [], drift: [] });
  await letInBeside(stack, BUCKET, "flux-review-snowflake-raw-ami");
  const { exitCode, review } = await stack.drift(viewer);
  expect(exitCode).toBe(3);
  const schema = '"FLUX_REVIEW"."PRODUCTION"';
  expect(review.dangers.map(({ what }) => what).sort()).toEqual([
    "Access widens for 333333333333.",
    `New in the policy of bucket ${BUCKET}: statement 2 ("ByHand"): Allow s3:GetObject on arn:aws:s3:::${BUCKET}/* for AWS 333333333333.`,
    'The list of a role\'s policies trust-policies: policyNames turns from ["read-raw-readings"] into ["by-hand","read-raw-readings"].',
    `The role EVE was given SELECT on TABLE ${schema}."AMI_INTERVAL_READINGS".`,
    'The role EVE was given USAGE on INTEGRATION "FLUX_REVIEW_S3_INTEGRATION".',
    `The role EVE was given USAGE on STAGE ${schema}."EXT_RAW_AMI".`,
    'The role EVE was given USAGE on WAREHOUSE "FLUX_REVIEW_LOAD_WH".',
    "The role EVE was given the role FLUX_REVIEW_LOADER.",
    "The warehouse FLUX_REVIEW_LOAD_WH has MAX_CONCURRENCY_LEVEL = 3.",
  ]);
});

test("a partner's role is made under the rules of the pack", async () => {
  stack.init("acme", {
    "aws:region": "us-east-1",
    kind: "partner",
    owner: "review",
    way: "storageIntegration",
  });
  const { exitCode, output } = await stack.up("--skip-preview", "--stack", "acme");
  expect(`${exitCode}: ${output}`).toMatch(/^0: /);
});

test("what was put into a partner's share beside what the stack shows is seen", async () => {
  stack.init("gridworks", {
    kind: "partner",
    owner: "review",
    way: "dataShare",
    partnerSnowflakeAccount: "PARTNERCO.ANALYTICS",
  });
  const { exitCode, output } = await stack.up("--skip-preview", "--stack", "gridworks");
  expect(`${exitCode}: ${output}`).toMatch(/^0: /);
  expect((await stack.drift({}, "gridworks")).review).toMatchObject({ dangers: [], drift: [] });
  await stack.sql(`GRANT SELECT ON TABLE ${TABLE}_LOADS TO SHARE FLUX_REVIEW_GRIDWORKS`);
  const { review } = await stack.drift({}, "gridworks");
  expect(review.dangers.map(({ what }) => what)).toEqual([
    `The share FLUX_REVIEW_GRIDWORKS was given SELECT on TABLE ${TABLE}_LOADS.`,
  ]);
  await stack.sql(`REVOKE SELECT ON TABLE ${TABLE}_LOADS FROM SHARE FLUX_REVIEW_GRIDWORKS`);
  await stack.sql("ALTER SHARE FLUX_REVIEW_GRIDWORKS ADD ACCOUNTS = STRANGER.ACCOUNT");
  expect((await stack.drift({}, "gridworks")).review.drift).not.toEqual([]);
});
