/**
 * A sandbox with one bucket, one stage and one warehouse, in which tests make readings tables of their own and load them
 * by a Pulumi program that has nothing but the load.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { CreateBucketCommand, DeleteObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { PARQUET } from "../../../components/parquet.ts";
import { READINGS_CLUSTER_BY, READINGS_COLUMNS } from "../../../components/readings-columns.ts";
import { openSession, type Row, type Session } from "../../../components/snowflake/session.ts";
import { qualified } from "../../../components/sql.ts";
import type { LoadSettings } from "../../../components/verified-load/args.ts";
import {
  ACCOUNTING_COLUMNS,
  accountingTableName,
  LINEAGE_COLUMN,
  LOCK_COLUMNS,
  lockTableName,
} from "../../../components/verified-load/tables.ts";
import { clientSettings } from "../../../sandbox/aws/ministack.ts";
import { runningPid } from "../../../sandbox/processes.ts";
import { type Sandbox, type SandboxOptions, startSandbox } from "../../../sandbox/sandbox.ts";
import { type FaultProxy, startFaultProxy } from "./fault-proxy.ts";

const root = resolve(__dirname, "../../..");
const DATABASE = "FLUX_LOAD_TEST";
const SCHEMA = "PRODUCTION";
export const BUCKET = "flux-load-test";
export const WAREHOUSE = "LOAD_TEST_WH";
const ROLE = "LOAD_TEST_LOADER";

export interface LoadCloud {
  sandbox: Sandbox;
  proxy: FaultProxy;
  /** Folder of the Pulumi program. */
  program: string;
  /** Environment of the engine: everything of the sandbox, with Snowflake behind the proxy. */
  env: Record<string, string>;
  /** As the account's administrator, not through the proxy. */
  sql(statement: string, binds?: (string | number)[]): Promise<Row[]>;
  /** COPYs into the table that clients have sent so far. */
  copiesOf(table: string): string[];
  /** Puts a file into a table's folder of the bucket. */
  put(table: string, name: string, body: Buffer): Promise<void>;
  remove(table: string, name: string): Promise<void>;
  /** Makes a readings table with its accounting (or only these of the three), and returns the settings of its load. */
  makeTable(table: string, only?: string[]): Promise<Settings>;
  settingsOf(table: string): Settings;
  /** Ends Snowflake as the signal says, or waits until it has ended by itself, and starts it again on its data and port. */
  restartSnowflake(signal: "SIGTERM" | "SIGKILL" | "by itself", changed?: CloudOptions): Promise<void>;
  stopAll(): Promise<void>;
}

/** Settings of a load that its resource does not set itself. */
export type Settings = Omit<LoadSettings, "owner" | "logicVersion"> & Partial<Pick<LoadSettings, "owner">>;
type CloudOptions = Pick<SandboxOptions, "clockOffsetDays" | "objectDelayMilliseconds" | "switches">;

/**
 * Where the manual leaves it open, an account of these tests is as hard on a load as it may be: a bad value ends a COPY, an
 * empty text is one, and histories show nothing.
 */
const HARD: NonNullable<CloudOptions["switches"]> = {
  parquetConversionError: "abort statement",
  emptyParquetText: "reject",
  queryHistoryDelaySeconds: Number.MAX_SAFE_INTEGER,
  loadHistoryDelaySeconds: Number.MAX_SAFE_INTEGER,
};

/** @param given what it is to be otherwise than hard (until it is started anew otherwise), and than by the right clock */
export async function startLoadCloud(given: CloudOptions = {}): Promise<LoadCloud> {
  const dir = mkdtempSync(join(tmpdir(), "load-cloud-"));
  const options = { ...given, switches: { ...HARD, ...given.switches } };
  const sandbox = await startSandbox({ dir: join(dir, "sandbox"), dependent: true, ...options }).catch(
    (error) => {
      rmSync(dir, { recursive: true, force: true });
      throw error;
    },
  );
  const proxy = await startFaultProxy(() => sandbox.snowflake.port);
  const { snowflake } = sandbox.accounts.owner;
  // The session sets itself up again after a restart: with the warehouse, once there is one.
  const setup = ["USE ROLE ACCOUNTADMIN"];
  const session: Session = await openSession(
    {
      account: `${snowflake.organization}-${snowflake.account}`,
      user: snowflake.user,
      password: snowflake.password,
      accessUrl: `http://127.0.0.1:${sandbox.snowflake.port}`,
    },
    { tag: "test", setup },
  );
  const sql: LoadCloud["sql"] = (statement, binds) => session.rows(statement, binds);
  const s3 = new S3Client({
    ...clientSettings(sandbox.aws, sandbox.accounts.owner.aws),
    forcePathStyle: true,
  });
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  await makeStage(sandbox, sql);
  setup.push(`USE WAREHOUSE ${WAREHOUSE}`);
  await sql(`USE WAREHOUSE ${WAREHOUSE}`);

  const key = (table: string, name: string) => `raw/ami/${table}/${name}`;
  return {
    sandbox,
    proxy,
    program: writeProgram(dir),
    env: { ...sandbox.env, SNOWFLAKE_PORT: String(proxy.port) },
    sql,
    copiesOf: (table) =>
      proxy.statements.filter((sent) => sent.startsWith("COPY INTO") && sent.includes(`"${table}_LANDING_`)),
    put: async (table, name, Body) => {
      await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: key(table, name), Body }));
    },
    remove: async (table, name) => {
      await s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: key(table, name) }));
    },
    makeTable: (table, only) => makeTable(sql, table, only),
    settingsOf,
    restartSnowflake: async (signal, changed = {}) => {
      const data = join(sandbox.dir, "snowflake");
      if (signal !== "by itself") {
        const pid = runningPid(data, "snowflake");
        if (pid === undefined) throw new Error("the local Snowflake does not run");
        process.kill(pid, signal);
      }
      while (runningPid(data, "snowflake") !== undefined)
        await new Promise((resume) => setTimeout(resume, 50));
      await startSandbox({
        dir: sandbox.dir,
        dependent: true,
        ...options,
        ...changed,
        switches: changed.switches ? { ...HARD, ...changed.switches } : options.switches,
      });
    },
    stopAll: async () => {
      await session.close();
      s3.destroy();
      await proxy.stop();
      await sandbox.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Role, integration and stage, with the trust as it has to be. */
async function makeStage(sandbox: Sandbox, sql: LoadCloud["sql"]) {
  const { accountId } = sandbox.accounts.owner.aws;
  const arn = `arn:aws:iam::${accountId}:role/load-test`;
  await sql(`CREATE DATABASE ${DATABASE}`);
  await sql(`CREATE SCHEMA ${DATABASE}.${SCHEMA}`);
  await sql(
    `CREATE STORAGE INTEGRATION LOAD_TEST TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' STORAGE_AWS_ROLE_ARN = '${arn}' ` +
      `ENABLED = TRUE STORAGE_ALLOWED_LOCATIONS = ('s3://${BUCKET}/raw/ami/')`,
  );
  const described = await sql("DESCRIBE STORAGE INTEGRATION LOAD_TEST");
  const property = (name: string) => described.find((row) => row.property === name)?.property_value as string;
  const iam = new IAMClient(clientSettings(sandbox.aws, sandbox.accounts.owner.aws));
  const document = (...Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement });
  await iam.send(
    new CreateRoleCommand({
      RoleName: "load-test",
      AssumeRolePolicyDocument: document({
        Effect: "Allow",
        Action: "sts:AssumeRole",
        Principal: { AWS: property("STORAGE_AWS_IAM_USER_ARN") },
        Condition: { StringEquals: { "sts:ExternalId": property("STORAGE_AWS_EXTERNAL_ID") } },
      }),
    }),
  );
  await iam.send(
    new PutRolePolicyCommand({
      RoleName: "load-test",
      PolicyName: "read",
      PolicyDocument: document(
        {
          Effect: "Allow",
          Action: ["s3:GetObject", "s3:GetObjectVersion"],
          Resource: `arn:aws:s3:::${BUCKET}/*`,
        },
        {
          Effect: "Allow",
          Action: ["s3:ListBucket", "s3:GetBucketLocation"],
          Resource: `arn:aws:s3:::${BUCKET}`,
        },
      ),
    }),
  );
  iam.destroy();
  const inSchema = `${DATABASE}.${SCHEMA}`;
  for (const statement of [
    `CREATE STAGE ${inSchema}.EXT_RAW_AMI URL = 's3://${BUCKET}/raw/ami/' STORAGE_INTEGRATION = LOAD_TEST FILE_FORMAT = (TYPE = PARQUET)`,
    `CREATE WAREHOUSE ${WAREHOUSE} WAREHOUSE_SIZE = 'MEDIUM' AUTO_SUSPEND = 60`,
    `CREATE ROLE ${ROLE}`,
    `GRANT ROLE ${ROLE} TO ROLE ACCOUNTADMIN`,
    `GRANT USAGE ON DATABASE ${DATABASE} TO ROLE ${ROLE}`,
    `GRANT USAGE, CREATE TABLE ON SCHEMA ${inSchema} TO ROLE ${ROLE}`,
    `CREATE FILE FORMAT ${inSchema}.PARQUET_SNAPPY ${PARQUET}`,
    `GRANT USAGE ON FILE FORMAT ${inSchema}.PARQUET_SNAPPY TO ROLE ${ROLE}`,
    `GRANT USAGE ON STAGE ${inSchema}.EXT_RAW_AMI TO ROLE ${ROLE}`,
    `GRANT USAGE, OPERATE, MODIFY, MONITOR ON WAREHOUSE ${WAREHOUSE} TO ROLE ${ROLE}`,
  ])
    await sql(statement);
}

async function makeTable(sql: LoadCloud["sql"], table: string, only?: string[]): Promise<Settings> {
  const name = (of: string) => qualified(DATABASE, SCHEMA, of);
  const columns = (of: readonly { name: string; type: string; nullable?: boolean }[]) =>
    of
      .map((column) => `${column.name} ${column.type}${column.nullable === false ? " NOT NULL" : ""}`)
      .join(", ");
  const tables: [string, string, string][] = [
    [table, columns([...READINGS_COLUMNS, LINEAGE_COLUMN]), "SELECT, INSERT, DELETE"],
    [accountingTableName(table), columns(ACCOUNTING_COLUMNS), "SELECT, INSERT, UPDATE, DELETE"],
    [lockTableName(table), columns(LOCK_COLUMNS), "SELECT, INSERT, UPDATE, DELETE"],
  ];
  for (const [of, declared, privileges] of tables) {
    if (only && !only.includes(of)) continue;
    const clustering = of === table ? ` CLUSTER BY (${READINGS_CLUSTER_BY.join(", ")})` : "";
    await sql(`CREATE TABLE ${name(of)} (${declared})${clustering}`);
    await sql(`GRANT ${privileges} ON TABLE ${name(of)} TO ROLE ${ROLE}`);
  }
  return settingsOf(table);
}

function settingsOf(table: string): Settings {
  return {
    database: DATABASE,
    schema: SCHEMA,
    table,
    stage: "EXT_RAW_AMI",
    stageUrl: `s3://${BUCKET}/raw/ami/`,
    path: `${table}/`,
    warehouse: WAREHOUSE,
    role: ROLE,
  };
}

/** A program with one load, whose settings (and options) are one JSON text each in the stack's config. */
function writeProgram(dir: string): string {
  const program = join(dir, "program");
  mkdirSync(program);
  for (const shared of ["components", "node_modules"]) symlinkSync(join(root, shared), join(program, shared));
  writeFileSync(
    join(program, "package.json"),
    JSON.stringify({ name: "load-test", type: "module", main: "index.ts" }),
  );
  writeFileSync(
    join(program, "Pulumi.yaml"),
    "name: load-test\nmain: index.ts\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n",
  );
  writeFileSync(
    join(program, "index.ts"),
    `import * as pulumi from "@pulumi/pulumi";
import { VerifiedLoad } from "./components/verified-load/verified-load.ts";
const config = new pulumi.Config();
const settings = config.requireObject<ConstructorParameters<typeof VerifiedLoad>[1]>("settings");
export const load = new VerifiedLoad("load", settings, config.getObject<pulumi.CustomResourceOptions>("options")).summary;
`,
  );
  return program;
}
