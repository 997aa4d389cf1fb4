/** A load from its listing to its outputs, by itself: a bucket, a Snowflake, and no engine. */

import { PARQUET } from "../../../components/parquet.ts";
import { look } from "../../../components/verified-load/look.ts";
import { load } from "../../../components/verified-load/run.ts";
import { complete } from "../../../components/verified-load/settings.ts";
import { startTestAws, type TestAws } from "../../../sandbox/test/support/aws.ts";
import { LocalServer } from "../../../sandbox/test/support/local-server.ts";
import { fixtures, readings } from "../../../sandbox/test/support/parquet-fixtures.ts";
import { TestSession } from "../../../sandbox/test/support/standalone-server.ts";
import { given, STACK_STATEMENTS } from "./support/settings.ts";

jest.setTimeout(120_000);

let aws: TestAws;
let server: LocalServer;
let admin: TestSession;
beforeAll(async () => {
  aws = await startTestAws();
  server = new LocalServer(aws, { inferredTypes: "merged" });
  await server.start();
  admin = await TestSession.open(server.login);
  for (const sql of [
    ...STACK_STATEMENTS,
    "USE SCHEMA FLUX.PRODUCTION",
    `CREATE STORAGE INTEGRATION SI TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' ENABLED = TRUE STORAGE_AWS_ROLE_ARN = '${aws.roleArn}' STORAGE_ALLOWED_LOCATIONS = ('s3://${aws.bucket}/raw/ami/')`,
    "ALTER STORAGE INTEGRATION SI SET STORAGE_AWS_EXTERNAL_ID = 'external-1'",
    `CREATE STAGE EXT_RAW_AMI URL = 's3://${aws.bucket}/raw/ami/' STORAGE_INTEGRATION = SI`,
    `CREATE FILE FORMAT PARQUET_SNAPPY ${PARQUET}`,
  ])
    await admin.run(sql);
}, 90_000);
afterAll(async () => {
  await admin?.close();
  await server?.stop();
  await aws?.stop();
});

test("files of several shapes load right, what is none is named, a corrected row comes back, and a look has nothing to add", async () => {
  const settings = complete({
    ...given,
    role: "ACCOUNTADMIN",
    stageUrl: `s3://${aws.bucket}/raw/ami/`,
    maxRejectedRows: 1,
    // Gaps are looked for, and told.
    quality: { continuity: { severity: "warn" } },
  });
  const { account, username: user = "", password = "", accessUrl = "" } = server.login;
  const connection = { account, user, password, accessUrl };
  const lines: string[] = [];
  const run = () => load(settings, connection, (line) => lines.push(line));
  const day = (number: number) => readings({ start: `2026-07-0${number}`, meters: 1 });
  const put = async (name: string, body: Buffer | Promise<Buffer>) =>
    aws.put(`raw/ami/ami_interval_readings/${name}`, await body);
  await put("day=1/plain.parquet", fixtures.plain(day(1)));
  await put("text.parquet", fixtures.textTimestamp(day(2)));
  await put("bad.parquet", fixtures.badVoltage(day(3)));
  await put("other.PARQUET", fixtures.plain(day(4)));
  const first = await run();
  expect(first.checks.continuity?.examples).toEqual([
    expect.stringMatching(/^MTR-00000001: 1 missing from 2026-07-03 00:30$/),
  ]);
  expect(first).toMatchObject({
    verified: true,
    filesLoaded: 3,
    totalRows: 287,
    rowsRejected: 1,
    correctedRows: 0,
    files: {
      notTaken: { files: 1, examples: ["other.PARQUET: matches no glob of include"] },
      differences: [expect.stringMatching(/^DAY is only in the path: day=1\/plain\.parquet/)],
      sameContent: [],
    },
    cost: { estimatedBy: "published figures", warehouseSize: "XLARGE", generation: "1" },
    clustering: { averageDepth: expect.any(Number) },
  });

  await admin.run(
    `INSERT INTO FLUX.PRODUCTION.AMI_INTERVAL_READINGS_CORRECTED (FILE_ID, ROW_NUMBER, METER_ID, TIMESTAMP, USAGE_KWH, VOLTAGE, POWER_FACTOR, CUSTOMER_SEGMENT_ID, SOURCE_TABLE)
SELECT FILE_ID, ROW_NUMBER, 'MTR-00000001', '2026-07-03 00:30:00', 1, 118, 0.9, 'RES', 'AMI' FROM FLUX.PRODUCTION.AMI_INTERVAL_READINGS_REJECTED`,
  );
  expect((await look(settings, connection, first)).findings).toEqual([
    expect.stringMatching(/1 corrected row wait/),
  ]);
  const second = await run();
  expect(second).toMatchObject({ verified: true, totalRows: 288, rowsRejected: 0, correctedRows: 1 });
  const sight = await look(settings, connection, second);
  expect(sight.findings).toEqual([]);
  expect(sight.notes).toEqual([expect.stringMatching(/1 file below the folder not taken: other\.PARQUET/)]);
});
