import { catalogAccount } from "./support/catalog-account.ts";

const at = catalogAccount();

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
    await at.cloud.run(at.session, `DROP ${type} IF EXISTS ${name}`);
    await at.cloud.run(at.session, `CREATE ${type} ${name}`);
    const clash = await at.cloud.error(at.session, `CREATE ${type} ${name}`);
    expect(clash).toEqual({ code: "002002", message: "SQL compilation error:\nObject 'X' already exists." });
    expect(await at.cloud.rows(at.session, `CREATE ${type} IF NOT EXISTS ${name}`)).toEqual([
      { status: "X already exists, statement succeeded." },
    ]);
    await at.cloud.run(at.session, `CREATE OR REPLACE ${type} ${name}`);
    expect(await at.cloud.rows(at.session, `DROP ${type} ${name}`)).toEqual([
      { status: "X successfully dropped." },
    ]);
    expect(await at.cloud.rows(at.session, `DROP ${type} IF EXISTS ${name}`)).toEqual([
      { status: "Drop statement executed successfully (X already dropped)." },
    ]);
    const missing = await at.cloud.error(at.session, `DROP ${type} ${name}`);
    expect(missing.code).toBe("002003");
    expect(missing.message).toContain(`${label} '${name.toUpperCase()}' does not exist or not authorized.`);
  });

  test("UNDROP is refused, not pretended", async () => {
    expect((await at.cloud.error(at.session, "UNDROP TABLE t")).code).toBe("000002");
  });

  test("a session without a database says so", async () => {
    expect(await at.cloud.error(at.cloud.session(), "CREATE TABLE t (a int)")).toMatchObject({
      code: "090105",
      message: expect.stringContaining("Call 'USE DATABASE', or use a qualified name."),
    });
  });
});

describe("tables", () => {
  test("columns are described with full types, defaults, keys and comments", async () => {
    await at.cloud.run(
      at.session,
      `CREATE TABLE t (id NUMBER(22,0) NOT NULL COMMENT 'the key', "when" TIMESTAMP_NTZ DEFAULT CURRENT_TIMESTAMP(),
       name VARCHAR(11) DEFAULT 'x', e FLOAT, PRIMARY KEY (id)) CLUSTER BY ("when", id) COMMENT = 'c'`,
    );
    expect(await at.cloud.rows(at.session, "DESCRIBE TABLE t")).toMatchObject([
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
    expect(await at.cloud.rows(at.session, "SHOW TABLES LIKE 't' IN SCHEMA d.s")).toMatchObject([
      {
        name: "T",
        database_name: "D",
        schema_name: "S",
        cluster_by: `LINEAR("when", id)`,
        automatic_clustering: "ON",
        rows: "0",
        comment: "c",
        change_tracking: "OFF",
        retention_time: "1",
      },
    ]);
    expect(await at.cloud.rows(at.session, "SHOW PRIMARY KEYS IN TABLE t")).toMatchObject([
      { column_name: "ID" },
    ]);
  });

  const stored = async (): Promise<unknown[]> => {
    const account = at.cloud.cloud.catalog.accountOfKey(at.session.account);
    const database = account.databases.get("D");
    const table = database?.schemas.get("S")?.tables.get("T");
    const connection = await at.cloud.cloud.engine.connect();
    try {
      return await connection.all(`SELECT * FROM d${database?.id}.main.t${table?.id}`);
    } finally {
      connection.close();
    }
  };
  const insert = async (values: string) => {
    const account = at.cloud.cloud.catalog.accountOfKey(at.session.account);
    const database = account.databases.get("D");
    const table = database?.schemas.get("S")?.tables.get("T");
    await at.cloud.cloud.engine.run(`INSERT INTO d${database?.id}.main.t${table?.id} VALUES ${values}`);
  };

  test("ALTER TABLE changes the stored rows as well", async () => {
    await at.cloud.run(at.session, "CREATE TABLE t (a NUMBER(5,2), b VARCHAR(3))");
    await insert("(1.5, 'x')");
    await at.cloud.all(
      at.session,
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
    expect(await at.cloud.rows(at.session, "DESC TABLE t")).toMatchObject([
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
    await at.cloud.run(at.session, "CREATE TABLE t (a INT, b VARCHAR(3))");
    await insert("(1, 'x')");
    expect((await at.cloud.error(at.session, sql)).code).toBe(code);
    expect(await stored()).toHaveLength(1);
  });

  test("OR REPLACE starts empty, SWAP changes places, CLONE copies rows, LIKE only columns, TRUNCATE empties", async () => {
    await at.cloud.run(at.session, "CREATE TABLE t (a INT)");
    await insert("(1), (2)");
    await at.cloud.all(
      at.session,
      "CREATE TABLE copy CLONE t",
      "CREATE TABLE shape LIKE t",
      "TRUNCATE TABLE t",
    );
    expect(await stored()).toHaveLength(0);
    await at.cloud.run(at.session, "ALTER TABLE t SWAP WITH copy");
    expect(await stored()).toHaveLength(2);
    await at.cloud.run(at.session, "ALTER TABLE t SWAP WITH shape");
    expect(await stored()).toHaveLength(0);
    await insert("(3)");
    await at.cloud.run(at.session, "CREATE OR REPLACE TABLE t (b VARCHAR)");
    expect(await stored()).toHaveLength(0);
  });

  test("clustering comes and goes", async () => {
    await at.cloud.all(
      at.session,
      "CREATE TABLE t (a INT)",
      "ALTER TABLE t CLUSTER BY (a)",
      "ALTER TABLE t SUSPEND RECLUSTER",
    );
    expect(await at.cloud.rows(at.session, "SHOW TABLES")).toMatchObject([
      { cluster_by: "LINEAR(a)", automatic_clustering: "OFF" },
    ]);
    await at.cloud.run(at.session, "ALTER TABLE t DROP CLUSTERING KEY");
    expect(await at.cloud.rows(at.session, "SHOW TABLES")).toMatchObject([
      { cluster_by: "", automatic_clustering: "OFF" },
    ]);
  });
});
