import { DuckDBInstance } from "@duckdb/node-api";
import snowflake from "snowflake-sdk";
import { Progress } from "./progress.ts";
import { meterIdSql, segmentNameSql } from "./readings.ts";

const DATABASE = "FLUX_REFERENCE";
const SCHEMA = `${DATABASE}.PRODUCTION`;
const TABLE = `${SCHEMA}.METER_INFRASTRUCTURE`;
const WAREHOUSE = "SEED_WH";

/** Meters of one INSERT: small enough that the driver binds them in the request itself. */
const BATCH = 2_000;

/** Around Houston: substations lie on a grid, transformers near them, meters near their transformer. */
const METERS_PER_TRANSFORMER = 8;
const TRANSFORMERS_PER_SUBSTATION = 60;

const CREATE = [
  `CREATE WAREHOUSE IF NOT EXISTS ${WAREHOUSE} WAREHOUSE_SIZE = 'XSMALL' AUTO_SUSPEND = 60 INITIALLY_SUSPENDED = TRUE`,
  `USE WAREHOUSE ${WAREHOUSE}`,
  `CREATE DATABASE IF NOT EXISTS ${DATABASE}`,
  `CREATE SCHEMA IF NOT EXISTS ${SCHEMA}`,
  `CREATE TABLE IF NOT EXISTS ${TABLE} (
    METER_ID VARCHAR NOT NULL,
    SUBSTATION_ID VARCHAR,
    TRANSFORMER_ID VARCHAR,
    LATITUDE FLOAT,
    LONGITUDE FLOAT,
    CUSTOMER_SEGMENT_ID VARCHAR(11),
    COMMISSIONED_DATE DATE
  )`,
];

/** Where to log in; the fields of the drivers' connection options that the sandbox sets. */
export interface SnowflakeLogin {
  account: string;
  accessUrl: string;
  username: string;
  password: string;
  role: string | undefined;
}

/**
 * Fills METER_INFRASTRUCTURE: one row for each meter the readings can name, numbered alike. Meters do not change with
 * the seed, so a table that has the first n needs only the rest. Answers how many rows were added.
 */
export async function seedInfrastructure(login: SnowflakeLogin, meters: number): Promise<number> {
  snowflake.configure({ logLevel: "OFF", additionalLogToConsole: false });
  const { role, ...options } = login;
  const connection = snowflake.createConnection({ ...options, ...(role ? { role } : {}) });
  await connection.connectAsync();
  try {
    for (const sql of CREATE) await execute(connection, sql);
    const [row] = await execute(connection, `SELECT COUNT(*) AS METERS FROM ${TABLE}`);
    const present = Number(row?.METERS);
    await insertMeters(connection, present, meters);
    return Math.max(0, meters - present);
  } finally {
    await new Promise<void>((resolve) => connection.destroy(() => resolve()));
  }
}

async function insertMeters(connection: snowflake.Connection, first: number, end: number): Promise<void> {
  const instance = await DuckDBInstance.create(":memory:", { autoinstall_known_extensions: "false" });
  const duckdb = await instance.connect();
  const progress = new Progress("writing METER_INFRASTRUCTURE", Math.max(0, end - first), "meters");
  try {
    for (let start = first; start < end; start += BATCH) {
      const reader = await duckdb.runAndReadAll(metersSql(start, Math.min(start + BATCH, end)));
      const rows = reader.getRowsJson() as (string | number)[][];
      await execute(connection, `INSERT INTO ${TABLE} VALUES (?, ?, ?, ?, ?, ?, ?)`, rows);
      progress.add(rows.length);
    }
  } finally {
    progress.stop();
    duckdb.closeSync();
    instance.closeSync();
  }
}

/** One meter a row, from its number alone. */
const metersSql = (first: number, end: number) => `
  WITH meter AS (
    SELECT range AS number, range // ${METERS_PER_TRANSFORMER} AS transformer,
      range // ${METERS_PER_TRANSFORMER * TRANSFORMERS_PER_SUBSTATION} AS substation
    FROM range(${first}, ${end})
  )
  SELECT
    ${meterIdSql("number")},
    'SUB-' || printf('%04d', substation + 1),
    'TRF-' || printf('%06d', transformer + 1),
    round(29.55 + 0.02 * (substation % 24) + 0.012 * ${unit("transformer", 1)} + 0.0008 * ${unit("number", 2)}, 6),
    round(-95.62 + 0.024 * (substation // 24 % 24) + 0.014 * ${unit("transformer", 3)} + 0.0008 * ${unit("number", 4)}, 6),
    ${segmentNameSql("number")},
    (DATE '2012-01-01' + (hash(number, 5) % 4000)::INTEGER)::VARCHAR
  FROM meter ORDER BY number`;

const unit = (number: string, salt: number) => `(hash(${number}, ${salt}) & 65535)::DOUBLE / 65536`;

function execute(
  connection: snowflake.Connection,
  sqlText: string,
  binds?: (string | number)[][],
): Promise<Record<string, unknown>[]> {
  return new Promise((resolve, reject) => {
    connection.execute({
      sqlText,
      ...(binds ? { binds } : {}),
      complete: (error, _statement, rows) => (error ? reject(error) : resolve(rows ?? [])),
    });
  });
}
