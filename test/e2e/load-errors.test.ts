/** What goes wrong around a load, for real: lived through, or an error that names cause and cure. Without the engine. */

import { IAMClient, UpdateAssumeRolePolicyCommand } from "@aws-sdk/client-iam";
import { DeleteBucketPolicyCommand, PutBucketPolicyCommand, S3Client } from "@aws-sdk/client-s3";
import { kindOf } from "../../components/snowflake/errors.ts";
import { clientSettings } from "../../sandbox/aws/ministack.ts";
import { fixtures, readings } from "../../sandbox/test/support/parquet-fixtures.ts";
import type { Seen } from "./support/fault-proxy.ts";
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
afterEach(() => cloud.proxy.disarm());

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
  ["no-files", { path: "elsewhere/" }, /check prefix and readingsPath, include and exclude/],
  ["no-files", { include: ["**/*.csv"] }, /not taken: .*matches no glob of include[\s\S]*cure: /],
  ["warehouse-missing", { warehouse: "NO_SUCH_WH" }, /NO_SUCH_WH/],
  ["role-missing", { role: "NO_SUCH_ROLE" }, /GRANT ROLE NO_SUCH_ROLE/],
  [
    "object-missing",
    { stage: "NO_SUCH_STAGE" },
    /NO_SUCH_STAGE[\s\S]*cure: run `pulumi up -s <stack> --refresh`/,
  ],
  ["object-missing", { table: "NO_SUCH_TABLE" }, /NO_SUCH_TABLE/],
  [
    "timeout",
    { statementTimeoutSeconds: 1 },
    /larger warehouse \(loadWarehouseSize XLARGE or above\), or raise statementTimeoutSeconds/,
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

/** The next answer to a statement is this error. */
const answered = (pattern: RegExp, code: string, message: string) =>
  cloud.proxy.arm({
    matches: ({ sql }) => pattern.test(sql),
    phase: "before",
    act: () => ({
      answer: { success: false, code, message, data: { errorCode: code } },
    }),
  });

describe("lived through", () => {
  let table: Settings;
  let days = 0;
  beforeAll(async () => {
    table = await cloud.makeTable("LIVED_THROUGH");
  });
  /** A load of one day more, which ends well. */
  const loadOn = async () => {
    days += 1;
    const start = `2026-07-0${days}`;
    await cloud.put(
      "LIVED_THROUGH",
      `${start}.parquet`,
      await fixtures.plain(readings({ start, meters: 1 })),
    );
    const { reasons, outputs } = await loadDirectly(cloud, table);
    expect(reasons).toEqual([]);
    expect(outputs).toMatchObject({ totalRows: days * 96, filesLoaded: days, verified: true });
  };

  test("a 5xx in the middle", async () => {
    const matches = ({ sql }: Seen) => sql.startsWith("LIST");
    for (const phase of ["before", "after"] as const)
      void cloud.proxy.arm({ matches, phase, act: () => ({ status: 503, answer: {} }) });
    await loadOn();
  });

  test.each([
    ["390112", "Session token has expired", /^COPY INTO/],
    [
      "390111",
      "Session no longer exists.  New login required to access the service.",
      /^CREATE .*_METER_DAYS/,
    ],
    ["390114", "Authentication token has expired.  The user must authenticate again.", /^DECLARE/],
  ])("a session that is over (%s %s)", async (code, message, which) => {
    const [struck] = await Promise.all([answered(which, code, message), loadOn()]);
    expect(struck).toBeUndefined();
  });

  test("a network that is gone for longer than the driver tries", async () => {
    void cloud.proxy.arm({
      matches: ({ sql }) => sql.startsWith("DECLARE"),
      phase: "after",
      act: () => {
        cloud.proxy.cut(10_000);
        return "drop";
      },
    });
    await loadOn();
  });

  test("an internal error that Snowflake has once", async () => {
    const [struck] = await Promise.all([answered(/^CREATE .*_METER_DAYS/, "000603", INTERNAL), loadOn()]);
    expect(struck).toBeUndefined();
  });
});
const INTERNAL = "SQL execution internal error:\nProcessing aborted by error 300002:1263; incident 1234567.";

test("an internal error that Snowflake has each time is told after a few attempts, with the warehouse small", async () => {
  let sent = 0;
  const again = (): void => {
    void answered(/^CREATE .*_METER_DAYS/, "000603", INTERNAL).then(() => {
      sent += 1;
      again();
    });
  };
  again();
  const { table } = await cloud.makeTable("INTERNAL");
  await cloud.put("INTERNAL", "a.parquet", await fixtures.plain(readings()));
  const error = await failure({ table, path: "INTERNAL/" });
  expect(error.message).toMatch(
    /while: auditing|While auditing[\s\S]*Snowflake said \(000603\)[\s\S]*300002/,
  );
  // The driver itself asks once more after each of three attempts.
  expect(sent).toBeLessThanOrEqual(6);
  expect(await warehouseSize()).toBe("Medium");
});

test("a statement that is refused for good is sent once", async () => {
  const before = cloud.proxy.statements.length;
  void answered(
    /^COPY INTO/,
    "003001",
    "SQL access control error:\nInsufficient privileges to operate on table 'X'.",
  );
  expect(kindOf(await failure({}))).toBe("privilege-missing");
  expect(cloud.proxy.statements.slice(before).filter((sql) => sql.startsWith("COPY INTO"))).toHaveLength(1);
  expect(await warehouseSize()).toBe("Medium");
});
