import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { DuckDBInstance } from "@duckdb/node-api";
import { READINGS_CLUSTER_BY, READINGS_COLUMNS } from "../components/readings-columns.ts";
import type { Connection } from "../components/snowflake/connection.ts";
import { openSession, type Session } from "../components/snowflake/session.ts";
import type { LoadSettings } from "../components/verified-load/args.ts";
import { load } from "../components/verified-load/run.ts";
import { type CompleteSettings, complete } from "../components/verified-load/settings.ts";
import {
  ACCOUNTING_COLUMNS,
  accountingTableName,
  LINEAGE_COLUMN,
  LOCK_COLUMNS,
  lockTableName,
  type TableColumn,
} from "../components/verified-load/tables.ts";
import { clientSettings } from "../sandbox/aws/ministack.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { type Figure, round, seconds } from "./figures.ts";

const BUCKET = "flux-sandbox-raw-111111111111";
const WAREHOUSE = "FLUX_SANDBOX_LOAD_WH";
const DATABASE = "FLUX_SANDBOX";
const SCHEMA = "PRODUCTION";
const PATH = "ami_interval_readings/";
const AUDIT = /audit|counting what landed/;

/** Measures write, audit and publish against the least that the same work takes DuckDB alone. */
export async function measureLoad(
  sandbox: Sandbox,
  rows: number,
  say: (line: string) => void,
): Promise<Figure[]> {
  const { organization, account, user, password, role } = sandbox.accounts.owner.snowflake;
  const connection: Connection = {
    account: `${organization}-${account}`,
    user,
    password,
    accessUrl: `http://${sandbox.snowflake.host}:${sandbox.snowflake.port}`,
  };
  const session = await openSession(connection, {
    tag: "bench",
    setup: [`USE ROLE ${role}`, `USE WAREHOUSE ${WAREHOUSE}`, `USE SCHEMA ${DATABASE}.${SCHEMA}`],
  });
  try {
    say("write, audit and publish into a fresh table");
    const whole = await measured(session, connection, "BENCH_WHOLE");
    for (const { step, seconds } of whole.steps
      .toSorted((one, other) => other.seconds - one.seconds)
      .slice(0, 4))
      say(`  ${round(seconds)} s ${step}`);
    const days = await daysOf(session, "BENCH_WHOLE");
    say("audit of the whole table, and the least that a check of continuity and duplicates has to ask");
    const audited = await measuredAgain(session, connection, "BENCH_WHOLE", { verifyAll: true });
    const least = await seconds(() =>
      session.rows(
        "SELECT SUM(N) FROM (SELECT METER_ID, TIMESTAMP::DATE AS DAY, COUNT(*) AS N FROM BENCH_WHOLE GROUP BY 1, 2) AS METER_DAYS",
      ),
    );
    say("the same files into DuckDB alone, sorted");
    const alone = await sortedByDuckDb(sandbox, rows);
    return [
      ...figuresOf(rows, { whole: whole.seconds, alone, scan: audited.scan, least }),
      ...(await measureNewDay(session, connection, days, say)),
      await measureMemory(session, connection, days, say),
    ];
  } finally {
    await session.close();
  }
}

/** What the seconds of the load come to, beside those of the least that its work takes. */
function figuresOf(
  rows: number,
  took: { whole: number; alone: number; scan: number; least: number },
): Figure[] {
  return [
    {
      name: "write, audit, publish, rows a second",
      value: rows / took.whole,
      unit: "rows/s",
      atLeast: 200_000,
    },
    {
      // DuckDB alone needs 2.1 to 2.7 times as long as for one sorted table where it writes the rows as they are, and then
      // sorted from there. The rest is what landed rows carry beside, audit, and fetching from the bucket. Quiet runs said 3.8.
      name: "write, audit, publish against DuckDB's sorted table of the same files",
      value: took.whole / took.alone,
      unit: "x",
      atMost: 6,
    },
    {
      // The count reads two columns; the scan reads four, and holds each reading against every check. The moment of the day
      // and the intervals as bits alone cost DuckDB three times the count. Quiet runs said 1.7 and 2.7.
      name: "scan of the whole table's audit against a count by meter and day",
      value: took.scan / took.least,
      unit: "x",
      atMost: 5,
    },
  ];
}

interface Step {
  step: string;
  seconds: number;
}

interface Measured {
  seconds: number;
  /** As the load itself measured them. */
  steps: Step[];
  /** Of the statement that counts by meter and day. */
  scan: number;
  /** Of all that the audit sends. */
  audit: number;
}

/** Where the bench loads from and to. */
function settingsOf(table: string, settings: Partial<LoadSettings> = {}): CompleteSettings {
  return complete({
    database: DATABASE,
    schema: SCHEMA,
    table,
    stage: "EXT_RAW_AMI",
    stageUrl: `s3://${BUCKET}/raw/ami/`,
    path: PATH,
    warehouse: WAREHOUSE,
    role: "ACCOUNTADMIN",
    owner: "bench",
    logicVersion: "1",
    ...settings,
  });
}

/** Loads into a table that is made for it. */
async function measured(
  session: Session,
  connection: Connection,
  table: string,
  settings: Partial<LoadSettings> = {},
): Promise<Measured> {
  await makeTable(session, table);
  return measuredAgain(session, connection, table, settings);
}

async function measuredAgain(
  session: Session,
  connection: Connection,
  table: string,
  settings: Partial<LoadSettings> = {},
): Promise<Measured> {
  const taken = await seconds(() => load(settingsOf(table, settings), connection, () => {}));
  const [run] = await session.rows(`SELECT STEPS FROM ${table}_RUNS ORDER BY ENDED_AT DESC LIMIT 1`);
  const steps = JSON.parse(String(run?.STEPS)) as Step[];
  const audit = steps.filter(({ step }) => AUDIT.test(step)).reduce((sum, one) => sum + one.seconds, 0);
  return { seconds: taken, steps, audit, scan: await scanSeconds(session, table) };
}

/** How long the last scan by meter and day took, by Snowflake's own history. */
async function scanSeconds(session: Session, table: string): Promise<number> {
  const [row] = await session.rows(
    `SELECT TOTAL_ELAPSED_TIME AS MS FROM TABLE(INFORMATION_SCHEMA.QUERY_HISTORY(RESULT_LIMIT => 1000))
WHERE QUERY_TEXT LIKE 'CREATE OR REPLACE TRANSIENT TABLE%${table}_AUDIT_%_METER_DAYS%' ORDER BY START_TIME DESC LIMIT 1`,
  );
  return Number(row?.MS) / 1000;
}

async function makeTable(session: Session, table: string): Promise<void> {
  const columns = (of: readonly TableColumn[]) => of.map(({ name, type }) => `${name} ${type}`).join(", ");
  await session.rows(
    `CREATE OR REPLACE TABLE ${table} (${columns([...READINGS_COLUMNS, LINEAGE_COLUMN])}) CLUSTER BY (${READINGS_CLUSTER_BY.join(", ")})`,
  );
  await session.rows(
    `CREATE OR REPLACE TABLE ${accountingTableName(table)} (${columns(ACCOUNTING_COLUMNS)})`,
  );
  await session.rows(`CREATE OR REPLACE TABLE ${lockTableName(table)} (${columns(LOCK_COLUMNS)})`);
}

async function daysOf(session: Session, table: string): Promise<string[]> {
  const rows = await session.rows(
    `SELECT DISTINCT TO_VARCHAR(TIMESTAMP::DATE, 'YYYY-MM-DD') AS DAY FROM ${table} ORDER BY 1`,
  );
  return rows.map(({ DAY }) => String(DAY));
}

/** The audit of one new day, on top of few days and of ten times as many. */
async function measureNewDay(
  session: Session,
  connection: Connection,
  days: readonly string[],
  say: (line: string) => void,
): Promise<Figure[]> {
  const audits: number[] = [];
  const [last = ""] = days.slice(-1);
  for (const [index, before] of [
    Math.max(1, Math.floor((days.length - 1) / 10)),
    days.length - 1,
  ].entries()) {
    say(`one new day on top of ${before}`);
    const table = `BENCH_DAY_${index}`;
    const from = days.length - 1 - before;
    await measured(session, connection, table, { include: filesOf(days.slice(from, -1)) });
    const { audit } = await measuredAgain(session, connection, table, {
      include: filesOf(days.slice(from)),
    });
    audits.push(audit);
  }
  return [
    {
      name: `audit of a new day (${last}) on ten times as many days`,
      value: (audits[1] ?? 0) / (audits[0] ?? 0),
      unit: "x",
      atMost: 1.3,
    },
  ];
}

/** Peak memory of a load of all days against one of a tenth of them, each in a process of its own. */
async function measureMemory(
  session: Session,
  connection: Connection,
  days: readonly string[],
  say: (line: string) => void,
): Promise<Figure> {
  const peak = async (table: string, some: readonly string[]) => {
    say(`memory of a load of ${some.length} days`);
    await makeTable(session, table);
    const settings = settingsOf(table, { include: filesOf(some) });
    const child = fork(join(import.meta.dirname, "load-process.ts"), {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    child.send({ settings, connection });
    const [megabytes] = await Promise.race([
      once(child, "message"),
      once(child, "exit").then(() => Promise.reject(new Error("the load whose memory is measured failed"))),
    ]);
    return Number(megabytes);
  };
  const few = await peak("BENCH_MEMORY_0", days.slice(-Math.max(1, Math.floor(days.length / 10))));
  const all = await peak("BENCH_MEMORY_1", days);
  return {
    name: `peak memory of the load's process (${Math.round(all)} MB) against a tenth of the rows`,
    value: all / few,
    unit: "x",
    atMost: 1.2,
  };
}

/** The files of these days: the seed has the day in each file's name. */
const filesOf = (days: readonly string[]) => days.map((day) => `**/*${day}*.parquet`);

/** Fetches the objects first: what is measured is the reading of parquet and the writing of a sorted table on disk. */
async function sortedByDuckDb(sandbox: Sandbox, rows: number): Promise<number> {
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
  const instance = await DuckDBInstance.create(join(folder, "alone.duckdb"), { memory_limit: "2GB" });
  const connection = await instance.connect();
  try {
    const taken = await seconds(() =>
      connection.run(
        `CREATE TABLE readings AS FROM read_parquet('${folder}/*.parquet') ORDER BY CAST("TIMESTAMP" AS DATE), METER_ID`,
      ),
    );
    const reader = await connection.runAndReadAll("SELECT COUNT(*) FROM readings");
    if (Number(reader.getRows()[0]?.[0]) !== rows)
      throw new Error("DuckDB alone read other rows than the load");
    return taken;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
