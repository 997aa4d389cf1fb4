import { setTimeout as delay } from "node:timers/promises";
import { startTestAws, type TestAws } from "./support/aws.ts";
import { LocalServer } from "./support/local-server.ts";
import { fixtures, readings } from "./support/parquet-fixtures.ts";

/** Through the official driver against the server as a process: what is left when it dies at the worst moment. */
const FILES = 6;
const COPY = `COPY INTO AMI_INTERVAL_READINGS FROM @EXT_RAW_AMI
  FILE_FORMAT = (TYPE = PARQUET USE_LOGICAL_TYPE = TRUE) MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE ON_ERROR = 'CONTINUE'`;

let aws: TestAws;
let server: LocalServer;

async function session() {
  for (const sql of ["USE WAREHOUSE WH", "USE SCHEMA FLUX.PRODUCTION", "ALTER SESSION SET TIMEZONE = 'UTC'"])
    await server.sql(sql);
}
const rows = async () => Number((await server.sql("SELECT COUNT(*) AS N FROM AMI_INTERVAL_READINGS"))[0]?.N);
const history = () =>
  server.sql(
    "SELECT * FROM TABLE(INFORMATION_SCHEMA.COPY_HISTORY(TABLE_NAME => 'AMI_INTERVAL_READINGS', START_TIME => DATEADD(hour, -1, CURRENT_TIMESTAMP())))",
  );
const copies = () =>
  server.sql(
    "SELECT EXECUTION_STATUS, ROWS_INSERTED, BYTES_SCANNED FROM TABLE(INFORMATION_SCHEMA.QUERY_HISTORY()) WHERE QUERY_TEXT LIKE 'COPY INTO%' ORDER BY START_TIME DESC",
  );

beforeAll(async () => {
  aws = await startTestAws();
  server = new LocalServer(aws);
  for (let file = 0; file < FILES; file++)
    await aws.put(`raw/ami/${file}.parquet`, await fixtures.plain(readings({ firstMeter: 1 + 2 * file })));
  await server.start("--copy-delay-ms", "300");
  for (const sql of [
    "CREATE WAREHOUSE WH WAREHOUSE_SIZE = 'XSMALL'",
    "CREATE DATABASE FLUX",
    "CREATE SCHEMA FLUX.PRODUCTION",
    `CREATE STORAGE INTEGRATION SI TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' ENABLED = TRUE STORAGE_AWS_ROLE_ARN = '${aws.roleArn}' STORAGE_ALLOWED_LOCATIONS = ('s3://${aws.bucket}/raw/ami/')`,
    "ALTER STORAGE INTEGRATION SI SET STORAGE_AWS_EXTERNAL_ID = 'external-1'",
    `CREATE STAGE FLUX.PRODUCTION.EXT_RAW_AMI URL = 's3://${aws.bucket}/raw/ami/' STORAGE_INTEGRATION = SI`,
    `CREATE TABLE FLUX.PRODUCTION.AMI_INTERVAL_READINGS (METER_ID VARCHAR, TIMESTAMP TIMESTAMP_NTZ, USAGE_KWH FLOAT,
       VOLTAGE NUMBER(22,0), POWER_FACTOR NUMBER(23,2), CUSTOMER_SEGMENT_ID VARCHAR(11), SOURCE_TABLE VARCHAR)`,
  ])
    await server.sql(sql);
}, 60_000);
afterAll(async () => {
  await server?.stop();
  await aws?.stop();
});

it("killed in the middle of a COPY it has loaded nothing, and the next COPY loads all, once", async () => {
  await session();
  await server.sql(COPY, true);
  let seen = 0;
  for (const end = Date.now() + 10_000; seen === 0 && Date.now() < end; await delay(50))
    seen = Number((await copies())[0]?.ROWS_INSERTED ?? 0);
  expect(seen).toBeGreaterThan(0);
  expect(seen).toBeLessThan(FILES * 192);
  expect(await rows()).toBe(0);
  await server.kill();

  await server.start();
  await session();
  expect(await rows()).toBe(0);
  expect(await history()).toEqual([]);
  expect(await copies()).toMatchObject([{ EXECUTION_STATUS: "FAILED_WITH_INCIDENT" }]);
  expect(await server.sql(COPY)).toHaveLength(FILES);
  expect(await rows()).toBe(FILES * 192);
}, 60_000);

it("killed right after a COPY it has rows and load metadata, and loads nothing again", async () => {
  await server.kill();
  await server.start();
  await session();
  expect(await rows()).toBe(FILES * 192);
  expect(await history()).toHaveLength(FILES);
  expect(await server.sql(COPY)).toEqual([{ status: "Copy executed with 0 files processed." }]);
  expect(await rows()).toBe(FILES * 192);
}, 60_000);
