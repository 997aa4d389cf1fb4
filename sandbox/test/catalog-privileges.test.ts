import { CatalogCloud } from "./support/catalog-cloud.ts";

let cloud: CatalogCloud;
let admin: ReturnType<CatalogCloud["session"]>;

beforeAll(async () => {
  cloud = await CatalogCloud.open();
});
afterAll(() => cloud.close());

beforeEach(async () => {
  admin = cloud.session();
  await cloud.all(
    admin,
    "CREATE OR REPLACE DATABASE d",
    "CREATE SCHEMA s",
    "CREATE TABLE t (a INT)",
    "CREATE OR REPLACE WAREHOUSE w INITIALLY_SUSPENDED = TRUE",
    "CREATE OR REPLACE ROLE loader",
    "CREATE OR REPLACE ROLE reader",
    "GRANT ROLE loader TO USER deployer",
  );
});

const as = (role: string) => cloud.session("FLUX-OPERATIONS", role);
const codeOf = async (role: string, sql: string) => (await cloud.error(as(role), sql)).code;

describe("what a role may do", () => {
  test("nothing is known to a role without privileges", async () => {
    expect(await codeOf("LOADER", "DESC TABLE d.s.t")).toBe("002003");
    expect(await codeOf("LOADER", "USE WAREHOUSE w")).toBe("002043");
    expect(await codeOf("LOADER", "ALTER WAREHOUSE w SET COMMENT = 'x'")).toBe("002003");
    expect(await cloud.rows(as("LOADER"), "SHOW WAREHOUSES")).toEqual([]);
    expect(await cloud.rows(as("LOADER"), "SHOW DATABASES")).toEqual([]);
  });

  test("an object is known only with a privilege on it, its schema and its database", async () => {
    const sql = "DESC TABLE d.s.t";
    await cloud.run(admin, "GRANT SELECT ON TABLE d.s.t TO ROLE loader");
    expect(await codeOf("LOADER", sql)).toBe("002003");
    await cloud.run(admin, "GRANT USAGE ON DATABASE d TO ROLE loader");
    expect(await codeOf("LOADER", sql)).toBe("002003");
    await cloud.run(admin, "GRANT USAGE ON SCHEMA d.s TO ROLE loader");
    expect(await cloud.rows(as("LOADER"), sql)).toHaveLength(1);
    await cloud.run(admin, "REVOKE USAGE ON DATABASE d FROM ROLE loader");
    expect(await codeOf("LOADER", sql)).toBe("002003");
  });

  test("a known object refuses what is not granted, by name", async () => {
    await cloud.all(
      admin,
      "GRANT USAGE ON DATABASE d TO ROLE loader",
      "GRANT USAGE ON SCHEMA d.s TO ROLE loader",
      "GRANT INSERT ON TABLE d.s.t TO ROLE loader",
      "GRANT USAGE ON WAREHOUSE w TO ROLE loader",
    );
    expect(await cloud.error(as("LOADER"), "TRUNCATE TABLE d.s.t")).toEqual({
      code: "003001",
      message: "SQL access control error:\nInsufficient privileges to operate on table 'D.S.T'",
    });
    for (const sql of [
      "DROP TABLE d.s.t",
      "ALTER TABLE d.s.t ADD COLUMN b INT",
      "CREATE TABLE d.s.u (a INT)",
      "CREATE SCHEMA d.x",
      "CREATE DATABASE x",
      "CREATE WAREHOUSE x",
      "CREATE ROLE x",
      "CREATE SHARE x",
      "ALTER WAREHOUSE w SET WAREHOUSE_SIZE = LARGE",
      "ALTER WAREHOUSE w RESUME",
      "DROP WAREHOUSE w",
      "GRANT SELECT ON TABLE d.s.t TO ROLE reader",
      "ALTER ACCOUNT SET TIMEZONE = 'UTC'",
    ]) {
      expect([sql, await codeOf("LOADER", sql)]).toEqual([sql, "003001"]);
    }
    await cloud.run(admin, "GRANT MODIFY, OPERATE ON WAREHOUSE w TO ROLE loader");
    await cloud.all(
      as("LOADER"),
      "USE WAREHOUSE w",
      "ALTER WAREHOUSE w SET WAREHOUSE_SIZE = LARGE",
      "ALTER WAREHOUSE w RESUME",
    );
  });

  test("what a role has given on is in the way of REVOKE, or goes with it (docs: REVOKE <privileges>)", async () => {
    await cloud.all(
      admin,
      "CREATE OR REPLACE ROLE third",
      "GRANT USAGE ON DATABASE d TO ROLE loader",
      "GRANT USAGE ON SCHEMA d.s TO ROLE loader",
      "GRANT USAGE ON DATABASE d TO ROLE reader",
      "GRANT USAGE ON SCHEMA d.s TO ROLE reader",
      "GRANT SELECT ON TABLE d.s.t TO ROLE loader WITH GRANT OPTION",
      "GRANT INSERT ON TABLE d.s.t TO ROLE loader",
    );
    await cloud.run(as("LOADER"), "GRANT SELECT ON TABLE d.s.t TO ROLE reader WITH GRANT OPTION");
    await cloud.run(as("READER"), "GRANT SELECT ON TABLE d.s.t TO ROLE third");
    for (const how of ["", "RESTRICT"]) {
      expect(await cloud.error(admin, `REVOKE SELECT ON TABLE d.s.t FROM ROLE loader ${how}`)).toMatchObject({
        code: "003036",
      });
    }
    expect(await cloud.rows(admin, "SHOW GRANTS TO ROLE third")).toHaveLength(1);
    await cloud.run(admin, "REVOKE INSERT ON TABLE d.s.t FROM ROLE loader");
    await cloud.run(admin, "REVOKE SELECT ON TABLE d.s.t FROM ROLE loader CASCADE");
    expect(await cloud.rows(admin, "SHOW GRANTS TO ROLE third")).toEqual([]);
    expect(await cloud.rows(admin, "SHOW GRANTS TO ROLE reader")).toHaveLength(2);
  });

  test("a stage needs USAGE on its integration", async () => {
    await cloud.all(
      admin,
      `CREATE OR REPLACE STORAGE INTEGRATION si TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = S3 ENABLED = TRUE
       STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::111111111111:role/r' STORAGE_ALLOWED_LOCATIONS = ('s3://raw/')`,
      "GRANT USAGE ON DATABASE d TO ROLE loader",
      "GRANT USAGE, CREATE STAGE ON SCHEMA d.s TO ROLE loader",
    );
    const sql = "CREATE STAGE d.s.st URL = 's3://raw/' STORAGE_INTEGRATION = si";
    expect(await codeOf("LOADER", sql)).toBe("002003");
    await cloud.run(admin, "GRANT USAGE ON INTEGRATION si TO ROLE loader");
    await cloud.run(as("LOADER"), sql);
    expect(await cloud.rows(as("LOADER"), "SHOW STAGES IN SCHEMA d.s")).toMatchObject([{ owner: "LOADER" }]);
    expect(await codeOf("LOADER", "ALTER STORAGE INTEGRATION si SET ENABLED = FALSE")).toBe("003001");
  });

  test("roles inherit, and lose again", async () => {
    await cloud.all(
      admin,
      "GRANT USAGE ON DATABASE d TO ROLE reader",
      "GRANT USAGE ON SCHEMA d.s TO ROLE reader",
      "GRANT SELECT ON TABLE d.s.t TO ROLE reader",
      "GRANT ROLE reader TO ROLE loader",
    );
    await cloud.run(as("LOADER"), "DESC TABLE d.s.t");
    expect((await cloud.error(admin, "GRANT ROLE loader TO ROLE reader")).code).toBe("003014");
    await cloud.run(admin, "REVOKE ROLE reader FROM ROLE loader");
    expect(await codeOf("LOADER", "DESC TABLE d.s.t")).toBe("002003");
  });

  test("USE ROLE takes granted and inherited roles only", async () => {
    const session = cloud.session("FLUX-OPERATIONS", "PUBLIC");
    await cloud.run(session, "USE ROLE loader");
    expect(session.role).toBe("LOADER");
    await cloud.run(session, "USE ROLE sysadmin");
    expect(await cloud.error(session, "USE ROLE reader")).toMatchObject({
      code: "003013",
      message: expect.stringContaining("Requested role 'READER' is not assigned to the executing user."),
    });
  });

  test("SYSADMIN makes databases and warehouses, USERADMIN roles and users, neither the other's", async () => {
    await cloud.all(as("SYSADMIN"), "CREATE OR REPLACE DATABASE mine", "DROP DATABASE mine");
    expect(await codeOf("SYSADMIN", "CREATE USER u")).toBe("003001");
    await cloud.all(
      as("USERADMIN"),
      "CREATE ROLE r9",
      "CREATE USER u9 PASSWORD = 'x'",
      "DROP USER u9",
      "DROP ROLE r9",
    );
    expect(await codeOf("USERADMIN", "CREATE DATABASE x")).toBe("003001");
    await cloud.run(as("SECURITYADMIN"), "GRANT SELECT ON TABLE d.s.t TO ROLE reader");
    expect(await codeOf("SECURITYADMIN", "DROP TABLE d.s.t")).toBe("003001");
  });
});

describe("grants", () => {
  const grantsOn = async (what: string) =>
    (await cloud.rows(admin, `SHOW GRANTS ON ${what}`)).map(
      ({ privilege, granted_to, grantee_name, grant_option, granted_by }) =>
        `${privilege} ${granted_to} ${grantee_name} ${grant_option} ${granted_by}`,
    );

  test("are shown with the owner first, and end with their object", async () => {
    await cloud.run(admin, "GRANT SELECT, INSERT ON TABLE d.s.t TO ROLE loader");
    await cloud.run(admin, "GRANT SELECT ON TABLE d.s.t TO ROLE reader WITH GRANT OPTION");
    expect(await grantsOn("TABLE d.s.t")).toEqual([
      "OWNERSHIP ROLE ACCOUNTADMIN true ACCOUNTADMIN",
      "SELECT ROLE LOADER false ACCOUNTADMIN",
      "INSERT ROLE LOADER false ACCOUNTADMIN",
      "SELECT ROLE READER true ACCOUNTADMIN",
    ]);
    await cloud.run(admin, "CREATE OR REPLACE TABLE d.s.t (a INT)");
    expect(await grantsOn("TABLE d.s.t")).toEqual(["OWNERSHIP ROLE ACCOUNTADMIN true ACCOUNTADMIN"]);
  });

  test("OR REPLACE … COPY GRANTS keeps them", async () => {
    await cloud.run(admin, "GRANT SELECT ON TABLE d.s.t TO ROLE loader");
    await cloud.run(admin, "CREATE OR REPLACE TABLE d.s.t (a INT) COPY GRANTS");
    expect(await grantsOn("TABLE d.s.t")).toContain("SELECT ROLE LOADER false ACCOUNTADMIN");
  });

  test("follow their object when it is renamed", async () => {
    await cloud.all(
      admin,
      "GRANT SELECT ON TABLE d.s.t TO ROLE loader",
      "ALTER TABLE d.s.t RENAME TO d.s.t9",
    );
    expect(await grantsOn("TABLE d.s.t9")).toContain("SELECT ROLE LOADER false ACCOUNTADMIN");
  });

  test("the grant option lets a role give on, and goes apart from the privilege", async () => {
    await cloud.all(
      admin,
      "GRANT USAGE ON WAREHOUSE w TO ROLE loader WITH GRANT OPTION",
      "GRANT MONITOR ON WAREHOUSE w TO ROLE loader",
    );
    await cloud.run(as("LOADER"), "GRANT USAGE ON WAREHOUSE w TO ROLE reader");
    expect(await grantsOn("WAREHOUSE w")).toContain("USAGE ROLE READER false LOADER");
    expect(await codeOf("LOADER", "GRANT MONITOR ON WAREHOUSE w TO ROLE reader")).toBe("003001");
    await cloud.run(admin, "REVOKE GRANT OPTION FOR USAGE ON WAREHOUSE w FROM ROLE loader");
    expect(await grantsOn("WAREHOUSE w")).toContain("USAGE ROLE LOADER false ACCOUNTADMIN");
    expect(await codeOf("LOADER", "GRANT USAGE ON WAREHOUSE w TO ROLE reader")).toBe("003001");
  });

  test("in a schema with managed access only the schema's owner grants", async () => {
    await cloud.all(
      admin,
      "GRANT USAGE ON DATABASE d TO ROLE loader",
      "GRANT USAGE, CREATE TABLE ON SCHEMA d.s TO ROLE loader",
    );
    await cloud.run(as("LOADER"), "CREATE TABLE d.s.own (a INT)");
    await cloud.run(as("LOADER"), "GRANT SELECT ON TABLE d.s.own TO ROLE reader");
    await cloud.run(admin, "ALTER SCHEMA d.s ENABLE MANAGED ACCESS");
    expect(await codeOf("LOADER", "GRANT INSERT ON TABLE d.s.own TO ROLE reader")).toBe("003001");
    expect(await cloud.rows(admin, "SHOW SCHEMAS LIKE 's' IN DATABASE d")).toMatchObject([
      { options: "MANAGED ACCESS" },
    ]);
  });

  test("ALL covers what there is, FUTURE what comes; the schema's word goes before the database's", async () => {
    await cloud.all(
      admin,
      "GRANT SELECT ON FUTURE TABLES IN DATABASE d TO ROLE loader",
      "GRANT SELECT ON ALL TABLES IN SCHEMA d.s TO ROLE reader",
      "CREATE TABLE d.s.one (a INT)",
      "GRANT INSERT ON FUTURE TABLES IN SCHEMA d.s TO ROLE reader",
      "CREATE TABLE d.s.two (a INT)",
    );
    expect(await grantsOn("TABLE d.s.t")).toContain("SELECT ROLE READER false ACCOUNTADMIN");
    expect(await grantsOn("TABLE d.s.one")).toEqual([
      "OWNERSHIP ROLE ACCOUNTADMIN true ACCOUNTADMIN",
      "SELECT ROLE LOADER false ACCOUNTADMIN",
    ]);
    expect(await grantsOn("TABLE d.s.two")).toEqual([
      "OWNERSHIP ROLE ACCOUNTADMIN true ACCOUNTADMIN",
      "INSERT ROLE READER false ACCOUNTADMIN",
    ]);
    expect(await cloud.rows(admin, "SHOW FUTURE GRANTS IN SCHEMA d.s")).toMatchObject([
      {
        privilege: "INSERT",
        grant_on: "TABLE",
        grant_to: "ROLE",
        grantee_name: "READER",
        grant_option: "false",
        name: "D.S.<TABLE>",
      },
    ]);
    await cloud.run(admin, "REVOKE INSERT ON FUTURE TABLES IN SCHEMA d.s FROM ROLE reader");
    expect(await cloud.rows(admin, "SHOW FUTURE GRANTS IN SCHEMA d.s")).toEqual([]);
  });

  test("OWNERSHIP moves with or without the grants on the object", async () => {
    await cloud.run(admin, "GRANT SELECT ON TABLE d.s.t TO ROLE reader");
    expect((await cloud.error(admin, "GRANT OWNERSHIP ON TABLE d.s.t TO ROLE loader")).code).toBe("003036");
    await cloud.run(admin, "GRANT OWNERSHIP ON TABLE d.s.t TO ROLE loader COPY CURRENT GRANTS");
    expect(await grantsOn("TABLE d.s.t")).toEqual([
      "OWNERSHIP ROLE LOADER true LOADER",
      "SELECT ROLE READER false LOADER",
    ]);
    await cloud.run(admin, "GRANT OWNERSHIP ON TABLE d.s.t TO ROLE accountadmin REVOKE CURRENT GRANTS");
    expect(await grantsOn("TABLE d.s.t")).toEqual(["OWNERSHIP ROLE ACCOUNTADMIN true ACCOUNTADMIN"]);
  });

  test("a dropped role leaves what it owned to who dropped it, a renamed one keeps all", async () => {
    await cloud.all(
      admin,
      "GRANT OWNERSHIP ON TABLE d.s.t TO ROLE loader",
      "GRANT USAGE ON WAREHOUSE w TO ROLE loader",
      "ALTER ROLE loader RENAME TO loader2",
    );
    expect(await grantsOn("TABLE d.s.t")).toEqual(["OWNERSHIP ROLE LOADER2 true LOADER2"]);
    expect(await grantsOn("WAREHOUSE w")).toContain("USAGE ROLE LOADER2 false ACCOUNTADMIN");
    expect(await cloud.rows(admin, "SHOW GRANTS OF ROLE loader2")).toMatchObject([
      { granted_to: "USER", grantee_name: "DEPLOYER" },
    ]);
    await cloud.run(admin, "DROP ROLE loader2");
    expect(await grantsOn("TABLE d.s.t")).toEqual(["OWNERSHIP ROLE ACCOUNTADMIN true ACCOUNTADMIN"]);
    expect(await grantsOn("WAREHOUSE w")).toEqual(["OWNERSHIP ROLE ACCOUNTADMIN true ACCOUNTADMIN"]);
  });

  test.each([
    ["GRANT FLY ON TABLE d.s.t TO ROLE loader", "003008"],
    ["GRANT SELECT ON SCHEMA d.s TO ROLE loader", "003008"],
    ["GRANT SELECT ON TABLE d.s.t TO ROLE nobody", "002003"],
    ["GRANT SELECT ON TABLE d.s.nope TO ROLE loader", "002003"],
    ["GRANT IMPORTED PRIVILEGES ON DATABASE d TO ROLE loader", "003042"],
    ["GRANT ROLE nobody TO ROLE loader", "002003"],
    ["GRANT ROLE loader TO USER nobody", "002003"],
    ["DROP ROLE sysadmin", "003013"],
    ["CREATE OR REPLACE ROLE sysadmin", "003013"],
  ])("%s ends in %s", async (sql, code) => {
    expect((await cloud.error(admin, sql)).code).toBe(code);
  });

  test("SHOW GRANTS TO tells what a role, a user and the session have", async () => {
    await cloud.run(admin, "GRANT CREATE DATABASE ON ACCOUNT TO ROLE loader");
    await cloud.run(admin, "GRANT ROLE reader TO ROLE loader");
    expect(
      (await cloud.rows(admin, "SHOW GRANTS TO ROLE loader")).map(({ privilege, granted_on, name }) => [
        privilege,
        granted_on,
        name,
      ]),
    ).toEqual([
      ["CREATE DATABASE", "ACCOUNT", "FX10001"],
      ["USAGE", "ROLE", "READER"],
    ]);
    const roles = (rows: Record<string, string | null>[]) => rows.map(({ role }) => role);
    expect(roles(await cloud.rows(admin, "SHOW GRANTS TO USER deployer"))).toEqual(
      expect.arrayContaining(["ACCOUNTADMIN", "LOADER"]),
    );
    expect(await cloud.rows(admin, "SHOW GRANTS")).toEqual(
      await cloud.rows(admin, "SHOW GRANTS TO USER deployer"),
    );
    await cloud.run(as("LOADER"), "CREATE OR REPLACE DATABASE of_loader");
    await cloud.run(as("LOADER"), "DROP DATABASE of_loader");
  });
});

describe("users", () => {
  test("passwords and keys are kept, never shown", async () => {
    await cloud.run(admin, "CREATE OR REPLACE USER u PASSWORD = 'pa55' DEFAULT_ROLE = loader COMMENT = 'c'");
    const account = cloud.cloud.catalog.accountOfKey("FLUX-OPERATIONS");
    const user = account.users.get("U");
    expect(user && cloud.cloud.catalog.checkPassword(user, "pa55")).toBe(true);
    expect(user && cloud.cloud.catalog.checkPassword(user, "other")).toBe(false);
    expect(JSON.stringify(await cloud.rows(admin, "DESC USER u"))).not.toContain("pa55");
    expect(await cloud.rows(admin, "SHOW USERS LIKE 'U'")).toMatchObject([
      { has_password: "true", has_rsa_public_key: "false", default_role: "LOADER" },
    ]);
    expect((await cloud.error(admin, "ALTER USER u SET RSA_PUBLIC_KEY = 'nonsense'")).code).toBe("001008");
    await cloud.run(admin, "DROP USER u");
  });
});
