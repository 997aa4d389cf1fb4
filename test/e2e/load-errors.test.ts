/** What goes wrong around a load, for real: each is an error that names cause and cure. Without the engine. */

import { IAMClient, UpdateAssumeRolePolicyCommand } from "@aws-sdk/client-iam";
import { DeleteBucketPolicyCommand, PutBucketPolicyCommand, S3Client } from "@aws-sdk/client-s3";
import { kindOf } from "../../components/snowflake/errors.ts";
import { clientSettings } from "../../sandbox/aws/ministack.ts";
import { fixtures, readings } from "../../sandbox/test/support/parquet-fixtures.ts";
import { BUCKET, type LoadCloud, type Settings, startLoadCloud, WAREHOUSE } from "./support/load-cloud.ts";
import { loadDirectly } from "./support/load-directly.ts";

jest.setTimeout(180_000);

let cloud: LoadCloud;
let args: Settings;
beforeAll(async () => {
  cloud = await startLoadCloud({ objectDelayMilliseconds: 1500 });
  args = await cloud.makeTable("ERRORS");
  for (const start of ["2026-07-01", "2026-07-02"])
    await cloud.put("ERRORS", `${start}.parquet`, await fixtures.plain(readings({ start })));
}, 120_000);
afterAll(() => cloud?.stopAll());

const owner = () => clientSettings(cloud.sandbox.aws, cloud.sandbox.accounts.owner.aws);
async function failure(settings: Partial<Settings>, env?: Record<string, string>): Promise<Error> {
  try {
    await loadDirectly(cloud, { ...args, ...settings }, env);
  } catch (error) {
    return error as Error;
  }
  throw new Error("the load did not fail");
}
const warehouseSize = async () => (await cloud.sql(`SHOW WAREHOUSES LIKE '${WAREHOUSE}'`))[0]?.size;

test.each<[kind: string, settings: Partial<Settings>, cure: RegExp]>([
  ["no-files", { path: "elsewhere/" }, /check the stage's URL, `path` and `pattern`/],
  ["no-files", { pattern: ".*[.]csv" }, /`pattern`/],
  ["warehouse-missing", { warehouse: "NO_SUCH_WH" }, /NO_SUCH_WH/],
  ["role-missing", { role: "NO_SUCH_ROLE" }, /GRANT ROLE NO_SUCH_ROLE/],
  ["object-missing", { stage: "NO_SUCH_STAGE" }, /NO_SUCH_STAGE[\s\S]*full `pulumi up`/],
  ["object-missing", { table: "NO_SUCH_TABLE" }, /NO_SUCH_TABLE/],
  [
    "timeout",
    { statementTimeoutSeconds: 1 },
    /larger warehouse \(loadSize XLARGE or above\), or raise statementTimeoutSeconds/,
  ],
])("%s: %j", async (kind, settings, cure) => {
  const error = await failure(settings);
  expect(error.message).toMatch(cure);
  expect(kindOf(error)).toBe(kind);
  expect(await warehouseSize()).toBe("Medium");
});

test("a wrong external ID", async () => {
  const iam = new IAMClient(owner());
  const [described] = (await cloud.sql("DESCRIBE STORAGE INTEGRATION LOAD_TEST")).filter(
    ({ property }) => property === "STORAGE_AWS_IAM_USER_ARN",
  );
  const trust = (externalId: string) =>
    iam.send(
      new UpdateAssumeRolePolicyCommand({
        RoleName: "load-test",
        PolicyDocument: JSON.stringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Action: "sts:AssumeRole",
              Principal: { AWS: described?.property_value },
              Condition: { StringEquals: { "sts:ExternalId": externalId } },
            },
          ],
        }),
      }),
    );
  const right = (await cloud.sql("DESCRIBE STORAGE INTEGRATION LOAD_TEST")).find(
    ({ property }) => property === "STORAGE_AWS_EXTERNAL_ID",
  );
  try {
    await trust("wrong");
    const error = await failure({});
    expect(kindOf(error)).toBe("role-not-assumable");
    expect(error.message).toMatch(/while: listing the files[\s\S]*cure: .*sts:ExternalId/);
  } finally {
    await trust(String(right?.property_value));
    iam.destroy();
  }
});

test("a bucket policy that refuses", async () => {
  const s3 = new S3Client({ ...owner(), forcePathStyle: true });
  const Policy = JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Deny",
        Principal: { AWS: `arn:aws:iam::${cloud.sandbox.accounts.owner.aws.accountId}:role/load-test` },
        Action: "s3:*",
        Resource: [`arn:aws:s3:::${BUCKET}`, `arn:aws:s3:::${BUCKET}/*`],
      },
    ],
  });
  try {
    await s3.send(new PutBucketPolicyCommand({ Bucket: BUCKET, Policy }));
    const error = await failure({});
    expect(kindOf(error)).toBe("s3-access-denied");
    expect(error.message).toMatch(/cure: .*s3:ListBucket.*s3:GetObject/);
  } finally {
    await s3.send(new DeleteBucketPolicyCommand({ Bucket: BUCKET }));
    s3.destroy();
  }
});

test("a wrong password, and a server that is not there", async () => {
  const refused = await failure({}, { ...cloud.env, SNOWFLAKE_PASSWORD: "wrong" });
  expect(kindOf(refused)).toBe("login-refused");
  expect(refused.message).not.toContain("wrong");
  const gone = await failure({}, { ...cloud.env, SNOWFLAKE_PORT: "1" });
  expect(kindOf(gone)).toBe("unreachable");
  expect(gone.message).toMatch(/while: logging in[\s\S]*cure: check the network, snowflake:host/);
});

test("a 5xx in the middle is lived through", async () => {
  for (const phase of ["before", "after"] as const)
    void cloud.proxy.arm({
      matches: ({ sql }) => sql.startsWith("LIST"),
      phase,
      act: () => ({ status: 503, answer: {} }),
    });
  const { reasons, outputs } = await loadDirectly(cloud, args);
  expect(reasons).toEqual([]);
  expect(outputs?.totalRows).toBe(2 * 192);
});

test("ten weeks later: files that nobody accounted for are uncertain, and never loaded blindly", async () => {
  const table = "UNCERTAIN";
  const uncertain = await cloud.makeTable(table);
  await cloud.put(table, "a.parquet", await fixtures.plain(readings({ start: "2026-07-01" })));
  expect((await loadDirectly(cloud, uncertain)).reasons).toEqual([]);
  await cloud.put(table, "b.parquet", await fixtures.plain(readings({ start: "2026-07-02" })));
  await cloud.restartSnowflake("SIGTERM", { clockOffsetDays: 70 });

  const skipped = await loadDirectly(cloud, uncertain);
  expect(skipped.lines).toContainEqual(
    expect.stringMatching(/1 file too old to know whether they were loaded: UNCERTAIN\/b\.parquet/),
  );
  expect(skipped.outputs).toMatchObject({
    totalRows: 192,
    files: { notLoaded: [expect.stringMatching(/b\.parquet: too old to know/)] },
  });
  const asked = await failure({ ...uncertain, uncertainFiles: "fail" });
  expect(asked.message).toMatch(/64-day memory[\s\S]*b\.parquet[\s\S]*cure: .*uncertainFiles to skip/);
  const loaded = await loadDirectly(cloud, { ...uncertain, uncertainFiles: "load" });
  expect(loaded.reasons).toEqual([]);
  expect(loaded.outputs).toMatchObject({ totalRows: 384, filesLoaded: 2 });
});
