import { CatalogCloud } from "./support/catalog-cloud.ts";

const arn = "arn:aws:iam::111111111111:role/reader";
const integration = (name: string, rest = "") =>
  `CREATE STORAGE INTEGRATION ${name} TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' STORAGE_AWS_ROLE_ARN = '${arn}'
   ENABLED = TRUE STORAGE_ALLOWED_LOCATIONS = ('s3://raw/ami/', 's3://raw/other/') ${rest}`;

let cloud: CatalogCloud;
let session: ReturnType<CatalogCloud["session"]>;

beforeAll(async () => {
  cloud = await CatalogCloud.open();
});
afterAll(() => cloud.close());
beforeEach(async () => {
  session = cloud.session();
  await cloud.all(session, "CREATE OR REPLACE DATABASE d", "CREATE SCHEMA s");
});

const properties = async (sql: string): Promise<Record<string, string | null>> =>
  Object.fromEntries(
    (await cloud.rows(session, sql)).map((row) => [row.property, row.property_value ?? null]),
  );

describe("warehouses", () => {
  test.each([
    ["XSMALL", "X-Small"],
    ["X-SMALL", "X-Small"],
    ["medium", "Medium"],
    ["x-large", "X-Large"],
    ["XXLARGE", "2X-Large"],
    ["2X-LARGE", "2X-Large"],
    ["X2LARGE", "2X-Large"],
    ["XXXLARGE", "3X-Large"],
    ["4XLARGE", "4X-Large"],
    ["X5LARGE", "5X-Large"],
    ["6X-LARGE", "6X-Large"],
  ])("size %s is shown as %s", async (written, shown) => {
    await cloud.run(
      session,
      `CREATE OR REPLACE WAREHOUSE w WAREHOUSE_SIZE = '${written}' INITIALLY_SUSPENDED = TRUE`,
    );
    const [row] = await cloud.rows(session, "SHOW WAREHOUSES LIKE 'w'");
    expect(row).toMatchObject({
      name: "W",
      size: shown,
      state: "SUSPENDED",
      auto_suspend: "600",
      is_current: "Y",
    });
  });

  test("an unknown size names the value and what is allowed", async () => {
    const error = await cloud.error(session, "CREATE OR REPLACE WAREHOUSE w WAREHOUSE_SIZE = 'HUGE'");
    expect(error.code).toBe("001008");
    expect(error.message).toMatch(/\[HUGE\] for parameter 'WAREHOUSE_SIZE'.*XSMALL.*X6LARGE/s);
  });

  test.each([
    ["", "1"],
    ["GENERATION = '2'", "2"],
    ["RESOURCE_CONSTRAINT = STANDARD_GEN_2", "2"],
    ["RESOURCE_CONSTRAINT = STANDARD_GEN_1", "1"],
  ])("%s is generation %s", async (written, generation) => {
    await cloud.run(session, `CREATE OR REPLACE WAREHOUSE w ${written} INITIALLY_SUSPENDED = TRUE`);
    const shown = async () => (await cloud.rows(session, "SHOW WAREHOUSES LIKE 'w'"))[0];
    expect(await shown()).toMatchObject({ generation, resource_constraint: `STANDARD_GEN_${generation}` });
    await cloud.run(session, "ALTER WAREHOUSE w SET GENERATION = '2'");
    expect(await shown()).toMatchObject({ generation: "2" });
    await cloud.run(session, "ALTER WAREHOUSE w UNSET GENERATION");
    expect(await shown()).toMatchObject({ generation: "1" });
  });

  test("the largest sizes have no second generation", async () => {
    const error = await cloud.error(
      session,
      "CREATE OR REPLACE WAREHOUSE w WAREHOUSE_SIZE = X5LARGE GENERATION = '2'",
    );
    expect(error).toMatchObject({ code: "001008", message: expect.stringContaining("GENERATION") });
  });

  test("settings change, go back to their defaults, and NULL auto-suspend stays NULL", async () => {
    await cloud.run(session, "CREATE OR REPLACE WAREHOUSE w AUTO_SUSPEND = NULL INITIALLY_SUSPENDED = TRUE");
    await cloud.run(
      session,
      "ALTER WAREHOUSE w SET COMMENT = 'c' STATEMENT_TIMEOUT_IN_SECONDS = 60 WAREHOUSE_SIZE = LARGE WAIT_FOR_COMPLETION = TRUE",
    );
    expect((await cloud.rows(session, "SHOW WAREHOUSES"))[0]).toMatchObject({
      comment: "c",
      size: "Large",
      auto_suspend: null,
    });
    expect(
      await cloud.rows(session, "SHOW PARAMETERS LIKE 'statement_timeout%' IN WAREHOUSE w"),
    ).toMatchObject([
      { key: "STATEMENT_TIMEOUT_IN_SECONDS", value: "60", default: "172800", level: "WAREHOUSE" },
    ]);
    await cloud.run(session, "ALTER WAREHOUSE w UNSET COMMENT, STATEMENT_TIMEOUT_IN_SECONDS, AUTO_SUSPEND");
    expect((await cloud.rows(session, "SHOW WAREHOUSES"))[0]).toMatchObject({
      comment: "",
      auto_suspend: "600",
    });
    expect(
      await cloud.rows(session, "SHOW PARAMETERS LIKE 'statement_timeout%' IN WAREHOUSE w"),
    ).toMatchObject([{ value: "172800", level: "" }]);
  });

  test("suspend and resume only where they mean something", async () => {
    await cloud.run(session, "CREATE OR REPLACE WAREHOUSE w INITIALLY_SUSPENDED = TRUE");
    expect((await cloud.error(session, "ALTER WAREHOUSE w SUSPEND")).code).toBe("090064");
    await cloud.run(session, "ALTER WAREHOUSE w RESUME");
    expect((await cloud.rows(session, "SHOW WAREHOUSES"))[0]).toMatchObject({ state: "STARTED" });
    expect((await cloud.error(session, "ALTER WAREHOUSE w RESUME")).code).toBe("090064");
    await cloud.run(session, "ALTER WAREHOUSE w RESUME IF SUSPENDED");
    await cloud.run(session, "ALTER WAREHOUSE w SUSPEND");
    expect((await cloud.rows(session, "SHOW WAREHOUSES"))[0]).toMatchObject({ state: "SUSPENDED" });
  });
});

describe("CREATE and DROP in all their moods", () => {
  test.each([
    ["WAREHOUSE", "x", "Warehouse"],
    ["DATABASE", "x", "Database"],
    ["SCHEMA", "d.x", "Schema"],
    ["ROLE", "x", "Role"],
    ["USER", "x", "User"],
    ["SHARE", "x", "Share"],
    ["STAGE", "d.s.x", "Stage"],
    ["FILE FORMAT", "d.s.x", "File format"],
    ["RESOURCE MONITOR", "x", "Resource monitor"],
  ])("%s", async (type, name, label) => {
    await cloud.run(session, `DROP ${type} IF EXISTS ${name}`);
    await cloud.run(session, `CREATE ${type} ${name}`);
    const clash = await cloud.error(session, `CREATE ${type} ${name}`);
    expect(clash).toEqual({ code: "002002", message: "SQL compilation error:\nObject 'X' already exists." });
    expect(await cloud.rows(session, `CREATE ${type} IF NOT EXISTS ${name}`)).toEqual([
      { status: "X already exists, statement succeeded." },
    ]);
    await cloud.run(session, `CREATE OR REPLACE ${type} ${name}`);
    expect(await cloud.rows(session, `DROP ${type} ${name}`)).toEqual([
      { status: "X successfully dropped." },
    ]);
    expect(await cloud.rows(session, `DROP ${type} IF EXISTS ${name}`)).toEqual([
      { status: "Drop statement executed successfully (X already dropped)." },
    ]);
    const missing = await cloud.error(session, `DROP ${type} ${name}`);
    expect(missing.code).toBe("002003");
    expect(missing.message).toContain(`${label} '${name.toUpperCase()}' does not exist or not authorized.`);
  });

  test("UNDROP is refused, not pretended", async () => {
    expect((await cloud.error(session, "UNDROP TABLE t")).code).toBe("000002");
  });

  test("a session without a database says so", async () => {
    expect(await cloud.error(cloud.session(), "CREATE TABLE t (a int)")).toMatchObject({
      code: "090105",
      message: expect.stringContaining("Call 'USE DATABASE', or use a qualified name."),
    });
  });
});

describe("tables", () => {
  test("columns are described with full types, defaults, keys and comments", async () => {
    await cloud.run(
      session,
      `CREATE TABLE t (id NUMBER(22,0) NOT NULL COMMENT 'the key', "when" TIMESTAMP_NTZ DEFAULT CURRENT_TIMESTAMP(),
       name VARCHAR(11) DEFAULT 'x', e FLOAT, PRIMARY KEY (id)) CLUSTER BY (DATE_TRUNC('day', "when"), id) COMMENT = 'c'`,
    );
    expect(await cloud.rows(session, "DESCRIBE TABLE t")).toMatchObject([
      {
        name: "ID",
        type: "NUMBER(22,0)",
        kind: "COLUMN",
        "null?": "N",
        "primary key": "Y",
        comment: "the key",
      },
      { name: "when", type: "TIMESTAMP_NTZ(9)", "null?": "Y", default: "CURRENT_TIMESTAMP()" },
      { name: "NAME", type: "VARCHAR(11)", default: "'x'", "unique key": "N" },
      { name: "E", type: "FLOAT" },
    ]);
    expect(await cloud.rows(session, "SHOW TABLES LIKE 't' IN SCHEMA d.s")).toMatchObject([
      {
        name: "T",
        database_name: "D",
        schema_name: "S",
        cluster_by: `LINEAR(DATE_TRUNC('day', "when"), id)`,
        automatic_clustering: "ON",
        rows: "0",
        comment: "c",
        change_tracking: "OFF",
        retention_time: "1",
      },
    ]);
    expect(await cloud.rows(session, "SHOW PRIMARY KEYS IN TABLE t")).toMatchObject([{ column_name: "ID" }]);
  });

  const stored = async (): Promise<unknown[]> => {
    const account = cloud.cloud.catalog.accountOfKey(session.account);
    const database = account.databases.get("D");
    const table = database?.schemas.get("S")?.tables.get("T");
    const connection = await cloud.cloud.engine.connect();
    try {
      return await connection.all(`SELECT * FROM d${database?.id}.main.t${table?.id}`);
    } finally {
      connection.close();
    }
  };
  const insert = async (values: string) => {
    const account = cloud.cloud.catalog.accountOfKey(session.account);
    const database = account.databases.get("D");
    const table = database?.schemas.get("S")?.tables.get("T");
    await cloud.cloud.engine.run(`INSERT INTO d${database?.id}.main.t${table?.id} VALUES ${values}`);
  };

  test("ALTER TABLE changes the stored rows as well", async () => {
    await cloud.run(session, "CREATE TABLE t (a NUMBER(5,2), b VARCHAR(3))");
    await insert("(1.5, 'x')");
    await cloud.all(
      session,
      "ALTER TABLE t ADD COLUMN c INT DEFAULT 7, d DATE",
      'ALTER TABLE t RENAME COLUMN b TO "lower b"',
      'ALTER TABLE t ALTER COLUMN a SET DATA TYPE NUMBER(10,2), COLUMN "lower b" TYPE VARCHAR(30)',
      "ALTER TABLE t ALTER a SET NOT NULL",
      "ALTER TABLE t DROP COLUMN d",
      "ALTER TABLE t ALTER COLUMN c COMMENT 'seven'",
      "ALTER TABLE t RENAME TO t2",
      "ALTER TABLE d.s.t2 RENAME TO d.public.t",
      "ALTER TABLE d.public.t RENAME TO d.s.t",
    );
    expect(await stored()).toEqual([{ A: expect.anything(), "lower b": "x", C: expect.anything() }]);
    expect(await cloud.rows(session, "DESC TABLE t")).toMatchObject([
      { name: "A", type: "NUMBER(10,2)", "null?": "N" },
      { name: "lower b", type: "VARCHAR(30)" },
      { name: "C", type: "NUMBER(38,0)", default: "7", comment: "seven" },
    ]);
  });

  test.each([
    ["ALTER TABLE t ALTER COLUMN b TYPE VARCHAR(2)", "002108"],
    ["ALTER TABLE t ALTER COLUMN a TYPE VARCHAR", "002108"],
    ["ALTER TABLE t ADD COLUMN a INT", "001430"],
    ["ALTER TABLE t ADD COLUMN z INT NOT NULL", "002144"],
    ["ALTER TABLE t DROP COLUMN z", "000904"],
    ["ALTER TABLE t DROP COLUMN a, b", "002153"],
    ["CREATE TABLE u (a INT, a INT)", "002025"],
    ["CREATE TABLE u (a INT, PRIMARY KEY (z))", "000904"],
    ["ALTER TABLE t ADD COLUMN z INT AUTOINCREMENT", "000002"],
  ])("%s ends in %s", async (sql, code) => {
    await cloud.run(session, "CREATE TABLE t (a INT, b VARCHAR(3))");
    await insert("(1, 'x')");
    expect((await cloud.error(session, sql)).code).toBe(code);
    expect(await stored()).toHaveLength(1);
  });

  test("OR REPLACE starts empty, SWAP changes places, CLONE copies rows, LIKE only columns, TRUNCATE empties", async () => {
    await cloud.run(session, "CREATE TABLE t (a INT)");
    await insert("(1), (2)");
    await cloud.all(session, "CREATE TABLE copy CLONE t", "CREATE TABLE shape LIKE t", "TRUNCATE TABLE t");
    expect(await stored()).toHaveLength(0);
    await cloud.run(session, "ALTER TABLE t SWAP WITH copy");
    expect(await stored()).toHaveLength(2);
    await cloud.run(session, "ALTER TABLE t SWAP WITH shape");
    expect(await stored()).toHaveLength(0);
    await insert("(3)");
    await cloud.run(session, "CREATE OR REPLACE TABLE t (b VARCHAR)");
    expect(await stored()).toHaveLength(0);
  });

  test("clustering comes and goes", async () => {
    await cloud.all(
      session,
      "CREATE TABLE t (a INT)",
      "ALTER TABLE t CLUSTER BY (a)",
      "ALTER TABLE t SUSPEND RECLUSTER",
    );
    expect(await cloud.rows(session, "SHOW TABLES")).toMatchObject([
      { cluster_by: "LINEAR(a)", automatic_clustering: "OFF" },
    ]);
    await cloud.run(session, "ALTER TABLE t DROP CLUSTERING KEY");
    expect(await cloud.rows(session, "SHOW TABLES")).toMatchObject([
      { cluster_by: "", automatic_clustering: "OFF" },
    ]);
  });
});

describe("storage integrations and stages", () => {
  beforeEach(async () => {
    await cloud.run(session, "DROP INTEGRATION IF EXISTS si");
    await cloud.run(session, integration("si"));
  });

  test("a new integration has the account's IAM user and an external ID of its own, which ALTER keeps", async () => {
    const before = await properties("DESC INTEGRATION si");
    expect(before).toMatchObject({
      ENABLED: "true",
      STORAGE_PROVIDER: "S3",
      STORAGE_ALLOWED_LOCATIONS: "s3://raw/ami/,s3://raw/other/",
      STORAGE_AWS_ROLE_ARN: arn,
      STORAGE_AWS_IAM_USER_ARN: "arn:aws:iam::999999999999:user/fx10001-s-ext",
    });
    expect(before.STORAGE_AWS_EXTERNAL_ID).toMatch(/^FX10001_SFCRole=\d+_\S+=$/);
    await cloud.run(
      session,
      "ALTER STORAGE INTEGRATION si SET STORAGE_ALLOWED_LOCATIONS = ('s3://raw/ami/')",
    );
    expect((await properties("DESC INTEGRATION si")).STORAGE_AWS_EXTERNAL_ID).toBe(
      before.STORAGE_AWS_EXTERNAL_ID,
    );
    await cloud.run(session, "ALTER STORAGE INTEGRATION si SET STORAGE_AWS_EXTERNAL_ID = 'mine_1'");
    await cloud.run(session, "ALTER STORAGE INTEGRATION si SET ENABLED = FALSE");
    expect(await properties("DESC INTEGRATION si")).toMatchObject({
      STORAGE_AWS_EXTERNAL_ID: "mine_1",
      ENABLED: "false",
    });
    await cloud.run(
      session,
      `CREATE OR REPLACE ${integration("si", "STORAGE_AWS_EXTERNAL_ID = 'mine_2'").slice(7)}`,
    );
    expect((await properties("DESC INTEGRATION si")).STORAGE_AWS_EXTERNAL_ID).toBe("mine_2");
  });

  test.each([
    ["STORAGE_AWS_ROLE_ARN = 'reader'", "STORAGE_AWS_ROLE_ARN"],
    ["STORAGE_ALLOWED_LOCATIONS = ('raw/ami')", "STORAGE_ALLOWED_LOCATIONS"],
    ["STORAGE_ALLOWED_LOCATIONS = ('*', 's3://raw/')", "STORAGE_ALLOWED_LOCATIONS"],
    ["STORAGE_AWS_EXTERNAL_ID = 'with space'", "STORAGE_AWS_EXTERNAL_ID"],
    ["ENABLED = 'perhaps'", "ENABLED"],
  ])("%s is refused", async (setting, name) => {
    const error = await cloud.error(session, `ALTER STORAGE INTEGRATION si SET ${setting}`);
    expect(error).toMatchObject({ code: "001008", message: expect.stringContaining(`'${name}'`) });
  });

  test("what is missing is named", async () => {
    const error = await cloud.error(
      session,
      "CREATE STORAGE INTEGRATION x TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' ENABLED = TRUE",
    );
    expect(error).toMatchObject({ code: "001422", message: expect.stringContaining("STORAGE_AWS_ROLE_ARN") });
  });

  test("a stage must lie within the integration's locations", async () => {
    await cloud.run(session, "CREATE STAGE st URL = 's3://raw/ami/' STORAGE_INTEGRATION = si");
    for (const url of ["s3://raw/", "s3://raw/amity/", "s3://elsewhere/ami/"]) {
      expect(
        (await cloud.error(session, `CREATE STAGE x URL = '${url}' STORAGE_INTEGRATION = si`)).code,
      ).toBe("003127");
      expect((await cloud.error(session, `ALTER STAGE st SET URL = '${url}'`)).code).toBe("003127");
    }
    await cloud.run(session, "ALTER STAGE st SET URL = 's3://raw/other/deep/'");
    expect(await cloud.rows(session, "SHOW STAGES")).toMatchObject([
      { name: "ST", url: "s3://raw/other/deep/", type: "EXTERNAL", storage_integration: "SI" },
    ]);
    await cloud.run(
      session,
      "ALTER STORAGE INTEGRATION si SET STORAGE_BLOCKED_LOCATIONS = ('s3://raw/ami/secret/')",
    );
    expect((await cloud.error(session, "ALTER STAGE st SET URL = 's3://raw/ami/secret/x/'")).code).toBe(
      "003127",
    );
  });

  test("replacing an integration orphans its stages until they are linked again", async () => {
    await cloud.run(session, "CREATE STAGE st URL = 's3://raw/ami/' STORAGE_INTEGRATION = si");
    await cloud.run(session, `CREATE OR REPLACE ${integration("si").slice(7)}`);
    expect((await cloud.error(session, "LIST @st")).code).toBe("003139");
    expect((await cloud.error(session, "ALTER STAGE st SET URL = 's3://raw/ami/x/'")).code).toBe("003139");
    expect(await cloud.rows(session, "SHOW STAGES")).toMatchObject([{ storage_integration: "SI" }]);
    await cloud.run(session, "ALTER STAGE st SET STORAGE_INTEGRATION = si");
    await cloud.run(session, "ALTER STAGE st SET URL = 's3://raw/ami/x/'");
    expect((await properties("DESC STAGE st")).AWS_EXTERNAL_ID).toMatch(/^FX10001_SFCRole=/);
  });

  test("DESCRIBE STAGE prints a file format's name as it was written, quotes escaped", async () => {
    await cloud.run(session, "CREATE FILE FORMAT FF TYPE = PARQUET");
    await cloud.run(session, 'CREATE FILE FORMAT "my ""f""" TYPE = PARQUET');
    for (const [written, printed] of [
      ["D.S.FF", "D.S.FF"],
      ['"D"."S"."FF"', String.raw`\"D\".\"S\".\"FF\"`],
      ["'D.S.FF'", "D.S.FF"],
      [String.raw`'\"D\".\"S\".\"my \"\"f\"\"\"'`, String.raw`\"D\".\"S\".\"my \"\"f\"\"\"`],
    ]) {
      await cloud.run(
        session,
        `CREATE OR REPLACE STAGE st URL = 's3://raw/ami/' STORAGE_INTEGRATION = si FILE_FORMAT = (FORMAT_NAME = ${written})`,
      );
      expect((await properties("DESC STAGE st")).FORMAT_NAME).toBe(printed);
    }
  });

  test("DESCRIBE STAGE prints every row people know", async () => {
    await cloud.run(session, "CREATE FILE FORMAT ff TYPE = PARQUET COMPRESSION = SNAPPY");
    await cloud.run(
      session,
      "CREATE STAGE st URL = 's3://raw/ami/' STORAGE_INTEGRATION = si FILE_FORMAT = (FORMAT_NAME = 'ff') COPY_OPTIONS = (ON_ERROR = CONTINUE)",
    );
    const rows = await cloud.rows(session, "DESC STAGE st");
    expect(
      rows.map(({ parent_property, property, property_value }) => [
        parent_property,
        property,
        property_value,
      ]),
    ).toEqual([
      ["STAGE_FILE_FORMAT", "FORMAT_NAME", "ff"],
      ["STAGE_COPY_OPTIONS", "ON_ERROR", "CONTINUE"],
      ["STAGE_COPY_OPTIONS", "SIZE_LIMIT", ""],
      ["STAGE_COPY_OPTIONS", "PURGE", "false"],
      ["STAGE_COPY_OPTIONS", "RETURN_FAILED_ONLY", "false"],
      ["STAGE_COPY_OPTIONS", "ENFORCE_LENGTH", "true"],
      ["STAGE_COPY_OPTIONS", "TRUNCATECOLUMNS", "false"],
      ["STAGE_COPY_OPTIONS", "FORCE", "false"],
      ["STAGE_LOCATION", "URL", '["s3://raw/ami/"]'],
      ["STAGE_INTEGRATION", "STORAGE_INTEGRATION", "SI"],
      ["STAGE_CREDENTIALS", "AWS_ROLE", arn],
      ["STAGE_CREDENTIALS", "AWS_EXTERNAL_ID", expect.stringMatching(/^FX10001_SFCRole=/)],
      ["STAGE_CREDENTIALS", "SNOWFLAKE_IAM_USER", "arn:aws:iam::999999999999:user/fx10001-s-ext"],
      ["DIRECTORY", "ENABLE", "false"],
      ["DIRECTORY", "AUTO_REFRESH", "false"],
    ]);
    await cloud.run(session, "ALTER STAGE st SET FILE_FORMAT = (TYPE = PARQUET)");
    expect(await properties("DESC STAGE st")).toMatchObject({
      TYPE: "PARQUET",
      COMPRESSION: "AUTO",
      USE_LOGICAL_TYPE: "false",
      BINARY_AS_TEXT: "true",
    });
  });

  test("keys in a stage are refused", async () => {
    const error = await cloud.error(
      session,
      "CREATE STAGE st URL = 's3://raw/ami/' CREDENTIALS = (AWS_KEY_ID = 'a' AWS_SECRET_KEY = 'b')",
    );
    expect(error).toMatchObject({ code: "000002", message: expect.stringContaining("storage integration") });
  });
});

describe("file formats", () => {
  test("options are kept as JSON with the defaults of their type", async () => {
    await cloud.run(
      session,
      "CREATE FILE FORMAT ff TYPE = PARQUET COMPRESSION = SNAPPY NULL_IF = ('', 'NULL')",
    );
    const [row] = await cloud.rows(session, "SHOW FILE FORMATS LIKE 'FF' IN SCHEMA d.s");
    expect(row).toMatchObject({ name: "FF", type: "PARQUET", database_name: "D", schema_name: "S" });
    expect(JSON.parse(row?.format_options ?? "")).toEqual({
      TYPE: "PARQUET",
      COMPRESSION: "SNAPPY",
      NULL_IF: ["", "NULL"],
      TRIM_SPACE: false,
      SNAPPY_COMPRESSION: true,
      BINARY_AS_TEXT: true,
      USE_LOGICAL_TYPE: false,
      USE_VECTORIZED_SCANNER: false,
      REPLACE_INVALID_CHARACTERS: false,
    });
    await cloud.run(session, "ALTER FILE FORMAT ff SET USE_LOGICAL_TYPE = TRUE COMMENT = 'c'");
    expect(await properties("DESC FILE FORMAT ff")).toMatchObject({
      USE_LOGICAL_TYPE: "true",
      COMPRESSION: "SNAPPY",
    });
    expect((await cloud.error(session, "ALTER FILE FORMAT ff SET SKIP_HEADER = 1")).code).toBe("001420");
  });
});

describe("parameters and context", () => {
  test("a parameter is shown with the level it is set on", async () => {
    const level = async (scope: string) => {
      const [row] = await cloud.rows(session, `SHOW PARAMETERS LIKE 'DATA_RETENTION%' IN ${scope}`);
      return [row?.value, row?.level];
    };
    expect(await level("SCHEMA d.s")).toEqual(["1", ""]);
    await cloud.run(session, "ALTER DATABASE d SET DATA_RETENTION_TIME_IN_DAYS = 7, COMMENT = 'x'");
    expect(await level("DATABASE d")).toEqual(["7", "DATABASE"]);
    expect(await level("SCHEMA d.s")).toEqual(["7", "DATABASE"]);
    await cloud.run(session, "ALTER SCHEMA d.s SET DATA_RETENTION_TIME_IN_DAYS = 3");
    expect(await level("SCHEMA d.s")).toEqual(["3", "SCHEMA"]);
    await cloud.run(session, "CREATE TABLE t (a INT)");
    expect(await cloud.rows(session, "SHOW TABLES")).toMatchObject([{ retention_time: "3" }]);
    await cloud.run(session, "ALTER SCHEMA d.s UNSET DATA_RETENTION_TIME_IN_DAYS");
    expect(await level("SCHEMA d.s")).toEqual(["7", "DATABASE"]);
  });

  test("session parameters are checked", async () => {
    await cloud.run(
      session,
      "ALTER SESSION SET QUERY_TAG = 'load', TIMEZONE = 'UTC' STATEMENT_TIMEOUT_IN_SECONDS = 5",
    );
    expect(Object.fromEntries(session.parameters)).toEqual({
      QUERY_TAG: "load",
      TIMEZONE: "UTC",
      STATEMENT_TIMEOUT_IN_SECONDS: "5",
    });
    expect(await cloud.rows(session, "SHOW PARAMETERS LIKE 'QUERY_TAG'")).toMatchObject([
      { value: "load", level: "SESSION", default: "" },
    ]);
    expect((await cloud.error(session, "ALTER SESSION SET TIMEZONE = 'Mars/Base'")).code).toBe("001008");
    expect((await cloud.error(session, "ALTER SESSION SET NO_SUCH = 1")).code).toBe("002211");
    await cloud.run(session, "ALTER SESSION UNSET QUERY_TAG");
    expect(session.parameters.has("QUERY_TAG")).toBe(false);
  });

  test("USE", async () => {
    await cloud.run(session, "USE DATABASE d");
    expect([session.database, session.schema]).toEqual(["D", "PUBLIC"]);
    await cloud.run(session, "USE SCHEMA s");
    expect(session.schema).toBe("S");
    await cloud.run(session, "USE d.public");
    expect(session.schema).toBe("PUBLIC");
    for (const sql of ["USE DATABASE nope", "USE SCHEMA nope", "USE WAREHOUSE nope", "USE ROLE nope"]) {
      expect((await cloud.error(session, sql)).code).toBe("002043");
    }
    await cloud.run(session, "DROP SCHEMA d.public");
    expect(session.schema).toBeNull();
  });

  test("SHOW filters", async () => {
    await cloud.all(session, ...["a1", "a2", "b1", '"a3"'].map((name) => `CREATE STAGE ${name}`));
    const names = async (sql: string) => (await cloud.rows(session, sql)).map(({ name }) => name);
    expect(await names("SHOW STAGES LIKE 'A_'")).toEqual(["A1", "A2", "a3"]);
    expect(await names("SHOW STAGES STARTS WITH 'A'")).toEqual(["A1", "A2"]);
    expect(await names("SHOW STAGES LIMIT 1")).toEqual(["A1"]);
    expect(await names("SHOW STAGES LIMIT 2 FROM 'A2'")).toEqual(["A2", "B1"]);
    expect(await names("SHOW STAGES IN ACCOUNT")).toEqual(["A1", "A2", "B1", "a3"]);
    expect(await names("SHOW STAGES IN d.public")).toEqual([]);
  });

  test("COMMENT ON", async () => {
    await cloud.all(
      session,
      "CREATE TABLE t (a INT)",
      "COMMENT ON TABLE t IS 'one'",
      "COMMENT ON COLUMN t.a IS 'two'",
      "COMMENT IF EXISTS ON STAGE nope IS 'x'",
    );
    expect(await cloud.rows(session, "SHOW TABLES")).toMatchObject([{ comment: "one" }]);
    expect(await cloud.rows(session, "DESC TABLE t")).toMatchObject([{ comment: "two" }]);
  });
});

describe("resource monitors", () => {
  test("a warehouse over its quota is not resumed, a raised quota lets it", async () => {
    await cloud.all(
      session,
      "CREATE OR REPLACE RESOURCE MONITOR m WITH CREDIT_QUOTA = 1 TRIGGERS ON 100 PERCENT DO SUSPEND",
      "CREATE OR REPLACE WAREHOUSE w INITIALLY_SUSPENDED = TRUE WAREHOUSE_SIZE = X4LARGE RESOURCE_MONITOR = m",
      // One start costs a minute of 128 credits an hour.
      "ALTER WAREHOUSE w RESUME",
    );
    cloud.time += 30_000;
    await cloud.run(session, "ALTER WAREHOUSE w SUSPEND");
    expect(await cloud.rows(session, "SHOW RESOURCE MONITORS LIKE 'M'")).toMatchObject([
      { used_credits: "2.13", remaining_credits: "0.00" },
    ]);
    expect(await cloud.error(session, "ALTER WAREHOUSE w RESUME")).toEqual({
      code: "090073",
      message: "Warehouse 'W' cannot be resumed because resource monitor 'M' has exceeded its quota.",
    });
    await cloud.all(session, "ALTER RESOURCE MONITOR m SET CREDIT_QUOTA = 100", "ALTER WAREHOUSE w RESUME");
    await cloud.run(session, "DROP RESOURCE MONITOR m");
  });

  test("quota, triggers and the warehouses under it", async () => {
    await cloud.all(
      session,
      "CREATE OR REPLACE RESOURCE MONITOR m WITH CREDIT_QUOTA = 100 FREQUENCY = DAILY START_TIMESTAMP = IMMEDIATELY NOTIFY_USERS = (DEPLOYER) TRIGGERS ON 50 PERCENT DO NOTIFY ON 80 PERCENT DO NOTIFY ON 100 PERCENT DO SUSPEND",
      "CREATE OR REPLACE WAREHOUSE w INITIALLY_SUSPENDED = TRUE RESOURCE_MONITOR = m",
    );
    expect(await cloud.rows(session, "SHOW RESOURCE MONITORS LIKE 'M'")).toMatchObject([
      {
        credit_quota: "100.00",
        used_credits: "0.00",
        remaining_credits: "100.00",
        level: "WAREHOUSE",
        frequency: "DAILY",
        notify_at: "50%,80%",
        suspend_at: "100%",
        suspend_immediately_at: null,
        notify_users: "DEPLOYER",
        start_time: expect.stringMatching(/^2026-03-01 12:0/),
      },
    ]);
    await cloud.run(
      session,
      "ALTER RESOURCE MONITOR m SET CREDIT_QUOTA = NULL TRIGGERS ON 90 PERCENT DO SUSPEND_IMMEDIATE",
    );
    expect(await cloud.rows(session, "SHOW RESOURCE MONITORS LIKE 'M'")).toMatchObject([
      { credit_quota: null, notify_at: null, suspend_immediately_at: "90%" },
    ]);
    await cloud.run(session, "DROP RESOURCE MONITOR m");
    expect(await cloud.rows(session, "SHOW WAREHOUSES LIKE 'W'")).toMatchObject([
      { resource_monitor: "null" },
    ]);
  });
});
