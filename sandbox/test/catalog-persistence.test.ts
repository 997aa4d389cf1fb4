import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { Catalog } from "../snowflake/catalog/catalog.ts";
import type { Account } from "../snowflake/catalog/model.ts";
import { reconcile } from "../snowflake/catalog/reconcile.ts";
import { decodeAccounts, encodeAccounts } from "../snowflake/catalog/serialise.ts";
import { quoteIdentifier } from "../snowflake/grammar/identifiers.ts";
import { CatalogCloud } from "./support/catalog-cloud.ts";

const shows = [
  "SHOW DATABASES",
  "SHOW SCHEMAS IN ACCOUNT",
  "SHOW TABLES IN ACCOUNT",
  "SHOW STAGES IN ACCOUNT",
  "SHOW FILE FORMATS IN ACCOUNT",
  "SHOW WAREHOUSES",
  "SHOW INTEGRATIONS",
  "SHOW ROLES",
  "SHOW USERS",
  "SHOW SHARES",
  "SHOW RESOURCE MONITORS",
  "SHOW GRANTS TO ROLE r",
  "SHOW FUTURE GRANTS IN DATABASE d",
  "SHOW PARAMETERS IN SCHEMA d.s",
  "DESC INTEGRATION si",
  "DESC STAGE d.s.st",
  "DESC TABLE d.s.t",
];

const build = [
  "CREATE DATABASE d COMMENT = 'it''s'",
  "CREATE SCHEMA s DATA_RETENTION_TIME_IN_DAYS = 2",
  "CREATE TABLE t (a INT NOT NULL, \"__proto__\" VARCHAR DEFAULT 'x') CLUSTER BY (a)",
  "CREATE WAREHOUSE w WAREHOUSE_SIZE = LARGE INITIALLY_SUSPENDED = TRUE",
  `CREATE STORAGE INTEGRATION si TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = S3 ENABLED = TRUE
   STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::111111111111:role/r' STORAGE_ALLOWED_LOCATIONS = ('s3://raw/')`,
  "CREATE FILE FORMAT ff TYPE = PARQUET",
  "CREATE STAGE st URL = 's3://raw/' STORAGE_INTEGRATION = si FILE_FORMAT = (FORMAT_NAME = ff) COPY_OPTIONS = (ON_ERROR = 'SKIP_FILE_3%')",
  "CREATE ROLE r",
  'CREATE ROLE "__proto__"',
  "GRANT ALL ON SCHEMA s TO ROLE r",
  "GRANT SELECT ON FUTURE TABLES IN DATABASE d TO ROLE r",
  "CREATE USER u PASSWORD = 'x'",
  "CREATE SHARE sh",
  "GRANT USAGE ON DATABASE d TO SHARE sh",
  "ALTER SHARE sh ADD ACCOUNTS = PARTNERCO.ANALYTICS",
  "CREATE RESOURCE MONITOR m WITH CREDIT_QUOTA = 5 TRIGGERS ON 100 PERCENT DO SUSPEND",
];

async function everything(cloud: CatalogCloud) {
  const session = cloud.session();
  const answers: Record<string, unknown> = {};
  for (const sql of shows) answers[sql] = await cloud.rows(session, sql);
  return answers;
}

test("everything is there again after a restart", async () => {
  const first = await CatalogCloud.open();
  await buildAll(first);
  const before = await everything(first);
  await first.close({ keep: true });
  const second = await CatalogCloud.open(first.directory);
  try {
    expect(await everything(second)).toEqual(before);
    const fresh = second.cloud.catalog.nextId();
    for (const { id } of second.cloud.catalog.accountOfKey("FLUX-OPERATIONS").databases.values())
      expect(fresh).toBeGreaterThan(id);
  } finally {
    await second.close();
  }
});

async function buildAll(cloud: CatalogCloud) {
  const session = cloud.session();
  for (const sql of build) await cloud.run(session, sql);
}

test("every statement leaves a whole catalog on disk: no kill in between can harm it", async () => {
  const cloud = await CatalogCloud.open();
  try {
    const session = cloud.session();
    for (const sql of build) {
      await cloud.run(session, sql);
      const onDisk = Catalog.open(cloud.directory);
      expect(encodeAccounts(onDisk.accounts, 0)).toBe(encodeAccounts(cloud.cloud.catalog.accounts, 0));
    }
  } finally {
    await cloud.close();
  }
});

test("a torn file of a save that was killed is not read", async () => {
  const cloud = await CatalogCloud.open();
  try {
    await cloud.run(cloud.session(), "CREATE ROLE survivor");
    writeFileSync(path.join(cloud.directory, "catalog.json.new"), '{"format":1,"accounts":{"$ma');
    const again = Catalog.open(cloud.directory);
    expect(again.accountOfKey("FLUX-OPERATIONS").roles.has("SURVIVOR")).toBe(true);
    again.save();
    expect(readdirSync(cloud.directory)).not.toContain("catalog.json.new");
  } finally {
    await cloud.close();
  }
});

test("a catalog of another format is refused with the cure", async () => {
  const cloud = await CatalogCloud.open();
  try {
    const file = path.join(cloud.directory, "catalog.json");
    writeFileSync(file, readFileSync(file, "utf8").replace('"format":1', '"format":99'));
    expect(() => Catalog.open(cloud.directory)).toThrow(/format 99.*delete the sandbox's data/);
  } finally {
    await cloud.close();
  }
});

test("what a crash left in the data files goes at the next start, what the catalog names stays", async () => {
  const cloud = await CatalogCloud.open();
  try {
    const session = cloud.session();
    await cloud.all(session, "CREATE DATABASE d", "CREATE TABLE t (a INT)", "CREATE DATABASE gone");
    const { catalog, engine } = cloud.cloud;
    const databases = catalog.accountOfKey("FLUX-OPERATIONS").databases;
    const id = databases.get("D")?.id;
    const table = databases.get("D")?.schemas.get("PUBLIC")?.tables.get("T")?.id;
    // Crashes: after the table was made and before it was named, inside ADD COLUMN, inside DROP DATABASE.
    await engine.run(`CREATE TABLE d${id}.main.t999 (x INT)`);
    await engine.run(`CREATE TABLE d${id}.main.load_metadata_like (x INT)`);
    await engine.run(`ALTER TABLE d${id}.main.t${table} ADD COLUMN "B" INT`);
    databases.delete("GONE");
    await cloud.run(session, "CREATE TABLE d.public.u (a INT, b INT)");
    const renamed = databases.get("D")?.schemas.get("PUBLIC")?.tables.get("U")?.id;
    await engine.run(`ALTER TABLE d${id}.main.t${renamed} RENAME COLUMN "B" TO "C"`);
    await reconcile(catalog, engine);
    expect(engine.stored()).toEqual([id]);
    const connection = await engine.connect();
    const columns = await connection.all(
      `SELECT table_name, column_name FROM duckdb_columns()
       WHERE database_name = $1 AND table_name NOT IN ('load_history', 'load_metadata') ORDER BY ALL`,
      [`d${id}`],
    );
    connection.close();
    expect(columns).toEqual([
      { table_name: "load_metadata_like", column_name: "x" },
      { table_name: `t${table}`, column_name: "A" },
      { table_name: `t${renamed}`, column_name: "A" },
      { table_name: `t${renamed}`, column_name: "B" },
    ]);
  } finally {
    await cloud.close();
  }
});

test("any name survives writing and reading", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string({ unit: "binary" }), { maxLength: 8 }), (names) => {
      const account = { roles: new Map(names.map((name) => [name, { name }])) } as unknown as Account;
      const read = decodeAccounts(encodeAccounts(new Map([["A-B", account]]), 7));
      expect(read.lastId).toBe(7);
      expect([...(read.accounts.get("A-B")?.roles.keys() ?? [])]).toEqual(names);
    }),
  );
});

test("objects of any name can be made, shown and dropped", async () => {
  const cloud = await CatalogCloud.open();
  try {
    const session = cloud.session();
    await cloud.run(session, "CREATE DATABASE d");
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1, maxLength: 20, unit: "binary" }), async (name) => {
        const quoted = quoteIdentifier(name);
        await cloud.run(session, `CREATE OR REPLACE STAGE ${quoted}`);
        expect((await cloud.rows(session, "SHOW STAGES")).map((row) => row.name)).toEqual([name]);
        await cloud.run(session, `DROP STAGE ${quoted}`);
      }),
      { numRuns: 30 },
    );
  } finally {
    await cloud.close();
  }
});
