import { setTimeout as delay } from "node:timers/promises";
import { startTestAws, type TestAws } from "./support/aws.ts";
import { LocalServer } from "./support/local-server.ts";
import { MixtureWriter } from "./support/parquet-mixtures.ts";
import { TestSession } from "./support/standalone-server.ts";

/** A landing table that takes files as they are: the types of INFER_SCHEMA, and each row's origin. */
jest.setTimeout(60_000);

let aws: TestAws;
let server: LocalServer;
let session: TestSession;
let writer: MixtureWriter;

beforeAll(async () => {
  aws = await startTestAws();
  server = new LocalServer(aws);
  writer = await MixtureWriter.start();
  for (const name of ["a", "b"]) {
    await aws.put(
      `raw/ami/readings/${name}.parquet`,
      await writer.writeSelect(`SELECT 'M-${name}' AS "Meter_Id", DATE '2026-03-01' AS D, TIME '10:20:30' AS T,
        TIMESTAMP '2026-03-01 10:20:30.123456' AS NTZ, TIMESTAMPTZ '2026-03-01 10:20:30.5+00' AS LTZ, 7::BIGINT AS N,
        1.25::DECIMAL(9,2) AS P, 0.3::DOUBLE AS R, true AS B, 'xy'::BLOB AS BYTES, {'k': 1} AS O, [1, 2] AS L, '' AS E`),
    );
  }
  await aws.put("raw/ami/readings/broken.parquet", "no parquet file, but some text");
  await server.start();
  session = await TestSession.open(server.login);
  for (const sql of [
    "ALTER SESSION SET TIMEZONE = 'UTC'",
    "CREATE WAREHOUSE WH",
    "CREATE DATABASE DB",
    `CREATE STORAGE INTEGRATION SI TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' ENABLED = TRUE
       STORAGE_AWS_ROLE_ARN = '${aws.roleArn}' STORAGE_ALLOWED_LOCATIONS = ('s3://${aws.bucket}/raw/ami/')`,
    "ALTER STORAGE INTEGRATION SI SET STORAGE_AWS_EXTERNAL_ID = 'external-1'",
    `CREATE STAGE RAW URL = 's3://${aws.bucket}/raw/ami/' STORAGE_INTEGRATION = SI`,
    "CREATE FILE FORMAT FF TYPE = PARQUET USE_VECTORIZED_SCANNER = TRUE",
  ]) {
    await session.run(sql);
  }
});

afterAll(async () => {
  await session?.close();
  await server?.stop();
  await writer?.stop();
  await aws?.stop();
}, 20_000);

const ORIGIN = `"FLUX$FILE" VARCHAR, "FLUX$ROW" NUMBER(38,0), "FLUX$KEY" VARCHAR, "FLUX$MODIFIED" TIMESTAMP_NTZ(9), "FLUX$SCANNED" TIMESTAMP_LTZ`;

test("files land with their own types and origin, by an asynchronous COPY; a broken one is left out whole", async () => {
  const inferred = await session.rows(
    `SELECT * FROM TABLE(INFER_SCHEMA(LOCATION => '@DB.PUBLIC.RAW/readings/', FILE_FORMAT => 'DB.PUBLIC.FF',
       FILES => ('a.parquet', 'b.parquet'))) ORDER BY ORDER_ID`,
  );
  expect(inferred.map(({ TYPE }) => TYPE).join("; ")).toBe(
    "TEXT; DATE; TIME; TIMESTAMP_NTZ; TIMESTAMP_LTZ; NUMBER(38, 0); NUMBER(9, 2); REAL; BOOLEAN; BINARY; VARIANT; ARRAY; TEXT",
  );
  const columns = inferred.map(({ COLUMN_NAME, TYPE }) => `"${COLUMN_NAME}" ${TYPE}`).join(", ");
  await session.run(
    `CREATE TRANSIENT TABLE "DB"."PUBLIC"."READINGS_LANDING_1" (${columns.replace("VARIANT", "OBJECT")}, ${ORIGIN})
     DATA_RETENTION_TIME_IN_DAYS = 0 COMMENT = 'landing'`,
  );
  const { queryId } = await session.run(
    `COPY INTO "DB"."PUBLIC"."READINGS_LANDING_1" FROM @DB.PUBLIC.RAW/readings/
     FILES = ('a.parquet', 'b.parquet', 'broken.parquet') FILE_FORMAT = (FORMAT_NAME = 'DB.PUBLIC.FF')
     MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE INCLUDE_METADATA = ("FLUX$FILE" = METADATA$FILENAME,
       "FLUX$ROW" = METADATA$FILE_ROW_NUMBER, "FLUX$KEY" = METADATA$FILE_CONTENT_KEY,
       "FLUX$MODIFIED" = METADATA$FILE_LAST_MODIFIED, "FLUX$SCANNED" = METADATA$START_SCAN_TIME)
     ON_ERROR = SKIP_FILE`,
    { asyncExec: true },
  );
  while ((await session.connection.getQueryStatus(queryId)) === "RUNNING") await delay(50);
  const report = await session.rows(`SELECT * FROM TABLE(RESULT_SCAN('${queryId}'))`);
  expect(report.map(({ status, rows_loaded }) => `${status} ${rows_loaded}`)).toEqual([
    "LOADED 1",
    "LOADED 1",
    "LOAD_FAILED 0",
  ]);
  const rows = await session.rows(
    `SELECT "Meter_Id" AS M, D::VARCHAR AS D, T::VARCHAR AS T, TO_VARCHAR(NTZ, 'YYYY-MM-DD HH24:MI:SS.FF6') AS NTZ,
       CONVERT_TIMEZONE('UTC', LTZ)::TIMESTAMP_NTZ::VARCHAR AS LTZ, N, P, R, B, BYTES = TO_BINARY('7879') AS BYTES, O:k::NUMBER AS K,
       L[1]::NUMBER AS L, E = '' AS E, "FLUX$FILE" AS F, FLUX$ROW AS RN, LENGTH("FLUX$KEY") AS KEY_LENGTH,
       "FLUX$MODIFIED" <= "FLUX$SCANNED"::TIMESTAMP_NTZ AS IN_ORDER
     FROM READINGS_LANDING_1 ORDER BY 1`,
  );
  const row = {
    D: "2026-03-01",
    T: "10:20:30",
    NTZ: "2026-03-01 10:20:30.123456",
    LTZ: "2026-03-01 10:20:30.500",
    N: 7,
    P: 1.25,
    R: 0.3,
    B: true,
    BYTES: true,
    K: 1,
    L: 2,
    E: true,
    RN: 1,
    KEY_LENGTH: 32,
    IN_ORDER: true,
  };
  expect(rows).toEqual([
    { M: "M-a", F: "raw/ami/readings/a.parquet", ...row },
    { M: "M-b", F: "raw/ami/readings/b.parquet", ...row },
  ]);
});

test("a named file that is not there ends an ABORT_STATEMENT load, and one that cannot be read does", async () => {
  await session.run(`CREATE TRANSIENT TABLE READINGS_LANDING_2 ("Meter_Id" TEXT, ${ORIGIN})`);
  const copy = (files: string) =>
    `COPY INTO READINGS_LANDING_2 FROM @RAW/readings/ FILES = (${files}) MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE
     FILE_FORMAT = (FORMAT_NAME = FF)`;
  expect(await session.failure(copy("'a.parquet', 'none.parquet'"))).toMatchObject({ code: "091016" });
  expect(await session.failure(copy("'a.parquet', 'broken.parquet'"))).toMatchObject({ code: "100152" });
  expect(await session.value("SELECT COUNT(*) FROM READINGS_LANDING_2")).toBe(0);
  expect(await session.rows(copy("'a.parquet'"))).toMatchObject([{ status: "LOADED" }]);
});
