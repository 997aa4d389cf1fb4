import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { DuckDBInstance } from "@duckdb/node-api";
import type { LoadSettings } from "../components/verified-load/args.ts";
import { openSession, type Session } from "../components/verified-load/session.ts";
import { complete } from "../components/verified-load/settings.ts";
import { scanStatement } from "../components/verified-load/verify.ts";
import { clientSettings } from "../sandbox/aws/ministack.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { type Figure, seconds } from "./figures.ts";

const BUCKET = "flux-sandbox-raw-111111111111";
const SCHEMA = "FLUX_SANDBOX.PRODUCTION";

/** Measures COPY INTO and the verification against what DuckDB alone needs for the same files. */
export async function measureCopy(
  sandbox: Sandbox,
  rows: number,
  say: (line: string) => void,
): Promise<Figure[]> {
  say("COPY INTO a fresh table");
  const { organization, account, user, password, role } = sandbox.accounts.owner.snowflake;
  const session = await openSession(
    {
      account: `${organization}-${account}`,
      user,
      password,
      accessUrl: `http://${sandbox.snowflake.host}:${sandbox.snowflake.port}`,
    },
    {
      tag: "bench",
      setup: [`USE ROLE ${role}`, "USE WAREHOUSE FLUX_SANDBOX_LOAD_WH", `USE SCHEMA ${SCHEMA}`],
    },
  );
  try {
    await session.rows(
      `CREATE OR REPLACE TABLE BENCH_READINGS (METER_ID VARCHAR, TIMESTAMP TIMESTAMP_NTZ, USAGE_KWH FLOAT,
        VOLTAGE NUMBER(22,0), POWER_FACTOR NUMBER(23,2), CUSTOMER_SEGMENT_ID VARCHAR(11), SOURCE_TABLE VARCHAR)`,
    );
    const copy = await seconds(() =>
      session.rows(
        `COPY INTO BENCH_READINGS FROM @EXT_RAW_AMI/ami_interval_readings/ FILE_FORMAT = (TYPE = PARQUET)
          MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE ON_ERROR = 'CONTINUE'`,
      ),
    );
    const [loaded] = await session.rows("SELECT COUNT(*) AS N FROM BENCH_READINGS");
    if (Number(loaded?.N) !== rows)
      throw new Error(`COPY loaded ${loaded?.N} rows, ${rows} lie in the bucket`);
    say("the load's verification, and the least that a check of continuity and duplicates has to ask");
    const least = await seconds(() =>
      session.rows(
        `SELECT SUM(N), SUM(TIMES) FROM (SELECT METER_ID, DATE_TRUNC('day', TIMESTAMP) AS DAY, COUNT(*) AS N,
          COUNT(DISTINCT TIMESTAMP) AS TIMES FROM BENCH_READINGS GROUP BY METER_ID, DAY) AS METER_DAYS`,
      ),
    );
    const verification = await measureVerification(session);
    say("the same files into DuckDB alone");
    const alone = await copyByDuckDb(sandbox, rows);
    return [
      { name: "COPY INTO, rows a second", value: rows / copy, unit: "rows/s", atLeast: 500_000 },
      { name: "COPY INTO against DuckDB alone", value: copy / alone, unit: "x", atMost: 8 },
      {
        name: "verification against a count by meter and day",
        value: verification / least,
        unit: "x",
        atMost: 5,
      },
      { name: "verification against the COPY", value: verification / copy, unit: "x", atMost: 2 },
    ];
  } finally {
    await session.close();
  }
}

function measureVerification(session: Session): Promise<number> {
  const settings: LoadSettings = {
    database: "FLUX_SANDBOX",
    schema: "PRODUCTION",
    table: "BENCH_READINGS",
    stage: "EXT_RAW_AMI",
    stageUrl: `s3://${BUCKET}/raw/ami/`,
    path: "ami_interval_readings/",
    warehouse: "FLUX_SANDBOX_LOAD_WH",
    role: "ACCOUNTADMIN",
    owner: "bench",
    logicVersion: "1",
  };
  const { sql, binds } = scanStatement(complete(settings));
  return seconds(() => session.rows(sql, binds));
}

/** Fetches the objects first: what is measured is the reading of parquet and the writing of a table on disk. */
async function copyByDuckDb(sandbox: Sandbox, rows: number): Promise<number> {
  const folder = join(sandbox.dir, "objects");
  mkdirSync(folder);
  const s3 = new S3Client({
    ...clientSettings(sandbox.aws, sandbox.accounts.owner.aws),
    forcePathStyle: true,
  });
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: "raw/ami/" }));
  for (const [index, { Key }] of Contents.entries()) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
    writeFileSync(join(folder, `${index}.parquet`), (await Body?.transformToByteArray()) ?? "");
  }
  s3.destroy();
  const instance = await DuckDBInstance.create(join(folder, "alone.duckdb"));
  const connection = await instance.connect();
  try {
    const taken = await seconds(() =>
      connection.run(`CREATE TABLE readings AS FROM read_parquet('${folder}/*.parquet')`),
    );
    const reader = await connection.runAndReadAll("SELECT COUNT(*) FROM readings");
    if (Number(reader.getRows()[0]?.[0]) !== rows) throw new Error("DuckDB alone read other rows than COPY");
    return taken;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
