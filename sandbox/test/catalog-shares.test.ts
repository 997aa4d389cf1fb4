import { findTable } from "../snowflake/catalog/lookup.ts";
import { requirePrivilege } from "../snowflake/catalog/privileges.ts";
import { CatalogCloud } from "./support/catalog-cloud.ts";

let cloud: CatalogCloud;
let owner: ReturnType<CatalogCloud["session"]>;
let partner: ReturnType<CatalogCloud["session"]>;
let stranger: ReturnType<CatalogCloud["session"]>;

beforeAll(async () => {
  cloud = await CatalogCloud.open();
});
afterAll(() => cloud.close());

const mount = "CREATE DATABASE readings FROM SHARE FLUX.OPERATIONS.sh";

beforeEach(async () => {
  owner = cloud.session("FLUX-OPERATIONS");
  partner = cloud.session("PARTNERCO-ANALYTICS");
  stranger = cloud.session("STRANGER-ACCOUNT");
  await cloud.run(partner, "DROP DATABASE IF EXISTS readings");
  await cloud.all(
    owner,
    "CREATE OR REPLACE DATABASE d",
    "CREATE SCHEMA s",
    "CREATE TABLE t (a INT)",
    "CREATE TABLE secret (a INT)",
    "CREATE SCHEMA hidden",
    "CREATE OR REPLACE SHARE sh COMMENT = 'readings'",
    "GRANT USAGE ON DATABASE d TO SHARE sh",
    "GRANT USAGE ON SCHEMA d.s TO SHARE sh",
    "GRANT SELECT ON TABLE d.s.t TO SHARE sh",
    "ALTER SHARE sh ADD ACCOUNTS = PARTNERCO.ANALYTICS",
  );
});

/** What a query does with a table before it reads it. */
function read(session: typeof partner, name: string[]) {
  const context = { cloud: cloud.cloud, session };
  const found = findTable(context, name);
  requirePrivilege(context, "SELECT", found);
  return found;
}
function codeOfRead(session: typeof partner, name: string[]): string {
  try {
    read(session, name);
  } catch (error) {
    return (error as { code: string }).code;
  }
  return "read";
}

test("both sides see the share, a stranger does not", async () => {
  expect(await cloud.rows(owner, "SHOW SHARES LIKE 'sh'")).toMatchObject([
    {
      kind: "OUTBOUND",
      owner_account: "FLUX.OPERATIONS",
      name: "SH",
      database_name: "D",
      to: "PARTNERCO.ANALYTICS",
      comment: "readings",
    },
  ]);
  expect(await cloud.rows(partner, "SHOW SHARES")).toMatchObject([
    { kind: "INBOUND", owner_account: "FLUX.OPERATIONS", name: "SH", database_name: "", to: "" },
  ]);
  expect(await cloud.rows(stranger, "SHOW SHARES")).toEqual([]);
  const described = (await cloud.rows(partner, "DESC SHARE FLUX.OPERATIONS.sh")).map(({ kind, name }) => [
    kind,
    name,
  ]);
  expect(described).toEqual([
    ["DATABASE", "<DB>"],
    ["SCHEMA", "<DB>.S"],
    ["TABLE", "<DB>.S.T"],
  ]);
  expect((await cloud.error(stranger, "DESC SHARE FLUX.OPERATIONS.sh")).code).toBe("002003");
});

test("the partner mounts it and reads what was granted, nothing else; a stranger cannot mount it", async () => {
  await cloud.run(partner, mount);
  expect(read(partner, ["READINGS", "S", "T"])).toMatchObject({ readOnly: true, fullName: "READINGS.S.T" });
  expect(read(partner, ["READINGS", "S", "T"]).database.name).toBe("D");
  expect(codeOfRead(partner, ["READINGS", "S", "SECRET"])).toBe("002003");
  expect((await cloud.rows(partner, "SHOW SCHEMAS IN DATABASE readings")).map(({ name }) => name)).toEqual([
    "INFORMATION_SCHEMA",
    "S",
  ]);
  expect((await cloud.rows(partner, "SHOW TABLES IN DATABASE readings")).map(({ name }) => name)).toEqual([
    "T",
  ]);
  expect(await cloud.rows(partner, "SHOW DATABASES LIKE 'readings'")).toMatchObject([
    { origin: "FLUX.OPERATIONS.SH", kind: "IMPORTED DATABASE" },
  ]);
  expect(await cloud.rows(partner, "SHOW SHARES")).toMatchObject([{ database_name: "READINGS" }]);
  expect((await cloud.error(stranger, mount)).code).toBe("002003");
  expect((await cloud.error(partner, "CREATE DATABASE again FROM SHARE FLUX.OPERATIONS.sh")).code).toBe(
    "003040",
  );
});

test("a mounted database cannot be changed", async () => {
  await cloud.run(partner, mount);
  for (const sql of [
    "CREATE SCHEMA readings.x",
    "CREATE TABLE readings.s.x (a INT)",
    "DROP TABLE readings.s.t",
    "TRUNCATE TABLE readings.s.t",
    "ALTER TABLE readings.s.t ADD COLUMN b INT",
    "DROP SCHEMA readings.s",
    "COMMENT ON COLUMN readings.s.t.a IS 'x'",
  ]) {
    expect([sql, (await cloud.error(partner, sql)).code]).toEqual([sql, "003007"]);
  }
});

test("roles of the partner read with IMPORTED PRIVILEGES", async () => {
  await cloud.all(partner, mount, "CREATE OR REPLACE ROLE analyst");
  const analyst = cloud.session("PARTNERCO-ANALYTICS", "ANALYST");
  expect(codeOfRead(analyst, ["READINGS", "S", "T"])).toBe("002003");
  expect((await cloud.error(partner, "GRANT USAGE ON DATABASE readings TO ROLE analyst")).code).toBe(
    "003011",
  );
  await cloud.run(partner, "GRANT IMPORTED PRIVILEGES ON DATABASE readings TO ROLE analyst");
  expect(codeOfRead(analyst, ["READINGS", "S", "T"])).toBe("read");
  expect(await cloud.rows(partner, "SHOW GRANTS ON DATABASE readings")).toContainEqual(
    expect.objectContaining({ privilege: "USAGE", grantee_name: "ANALYST" }),
  );
  await cloud.run(partner, "REVOKE IMPORTED PRIVILEGES ON DATABASE readings FROM ROLE analyst");
  expect(codeOfRead(analyst, ["READINGS", "S", "T"])).toBe("002003");
});

test.each([
  ["REVOKE SELECT ON TABLE d.s.t FROM SHARE sh", "002003"],
  ["REVOKE USAGE ON SCHEMA d.s FROM SHARE sh", "002003"],
  ["REVOKE USAGE ON DATABASE d FROM SHARE sh", "003030"],
  ["ALTER SHARE sh REMOVE ACCOUNTS = PARTNERCO.ANALYTICS", "003030"],
  ["ALTER SHARE sh SET ACCOUNTS = STRANGER.ACCOUNT", "003030"],
  ["DROP SHARE sh", "003030"],
  ["CREATE OR REPLACE SHARE sh", "003030"],
  ["DROP DATABASE d", "003030"],
])("%s ends the partner's access at once", async (sql, code) => {
  await cloud.run(partner, mount);
  expect(codeOfRead(partner, ["READINGS", "S", "T"])).toBe("read");
  await cloud.run(owner, sql);
  expect(codeOfRead(partner, ["READINGS", "S", "T"])).toBe(code);
});

test("a partner who was taken off and let in again has to mount anew", async () => {
  await cloud.run(partner, mount);
  await cloud.all(
    owner,
    "ALTER SHARE sh REMOVE ACCOUNTS = PARTNERCO.ANALYTICS",
    "ALTER SHARE sh ADD ACCOUNTS = PARTNERCO.ANALYTICS",
  );
  expect(codeOfRead(partner, ["READINGS", "S", "T"])).toBe("003030");
  await cloud.all(partner, "DROP DATABASE readings", mount);
  expect(codeOfRead(partner, ["READINGS", "S", "T"])).toBe("read");
});

test("a share has one database, and only what can be read", async () => {
  await cloud.all(owner, "CREATE OR REPLACE DATABASE other", "CREATE SCHEMA other.s", "CREATE STAGE d.s.st");
  for (const sql of [
    "GRANT USAGE ON DATABASE other TO SHARE sh",
    "GRANT USAGE ON SCHEMA other.s TO SHARE sh",
    "GRANT INSERT ON TABLE d.s.t TO SHARE sh",
    "GRANT USAGE ON STAGE d.s.st TO SHARE sh",
    "GRANT CREATE TABLE ON SCHEMA d.s TO SHARE sh",
  ]) {
    expect([sql, (await cloud.error(owner, sql)).code]).toEqual([sql, "003016"]);
  }
  expect((await cloud.error(owner, "ALTER SHARE sh ADD ACCOUNTS = FLUX.OPERATIONS")).code).toBe("003039");
  expect((await cloud.error(owner, "ALTER SHARE sh ADD ACCOUNTS = NO.SUCH")).code).toBe("002015");
});

test("a share refers to further databases once it has its own, and takes no account before", async () => {
  await cloud.all(owner, "CREATE OR REPLACE SHARE empty", "CREATE OR REPLACE DATABASE other");
  const refer = "GRANT REFERENCE_USAGE ON DATABASE other TO SHARE empty";
  const add = "ALTER SHARE empty ADD ACCOUNTS = PARTNERCO.ANALYTICS";
  expect((await cloud.error(owner, refer)).code).toBe("500130");
  expect((await cloud.error(owner, add)).code).toBe("003031");
  await cloud.all(owner, "GRANT USAGE ON DATABASE d TO SHARE empty", refer, add);
  expect(await cloud.rows(owner, "SHOW SHARES LIKE 'empty'")).toMatchObject([
    { to: "PARTNERCO.ANALYTICS", database_name: "D" },
  ]);
  await cloud.all(owner, "DROP SHARE empty", "DROP DATABASE other");
});

test("MANAGE SHARE TARGET says to which accounts any share goes; to make a share, and own it, is not enough", async () => {
  const accounts = async (share: string) => {
    const [row] = await cloud.rows(owner, `SHOW SHARES LIKE '${share}'`);
    return row?.to;
  };
  await cloud.all(
    owner,
    "CREATE OR REPLACE ROLE sharer",
    "GRANT CREATE SHARE ON ACCOUNT TO ROLE sharer",
    "GRANT USAGE ON DATABASE d TO ROLE sharer WITH GRANT OPTION",
  );
  const sharer = cloud.session("FLUX-OPERATIONS", "SHARER");
  await cloud.all(sharer, "CREATE SHARE own", "GRANT USAGE ON DATABASE d TO SHARE own");
  const changes = ["ADD", "SET", "REMOVE"].map(
    (word) => `ALTER SHARE own ${word} ACCOUNTS = STRANGER.ACCOUNT`,
  );
  for (const sql of changes) expect([sql, (await cloud.error(sharer, sql)).code]).toEqual([sql, "003001"]);
  expect(await accounts("own")).toBe("");
  await cloud.run(sharer, "ALTER SHARE own SET COMMENT = 'its own'");

  await cloud.all(
    owner,
    "REVOKE CREATE SHARE ON ACCOUNT FROM ROLE sharer",
    "GRANT MANAGE SHARE TARGET ON ACCOUNT TO ROLE sharer",
  );
  expect(await cloud.rows(owner, "SHOW GRANTS TO ROLE sharer")).toContainEqual(
    expect.objectContaining({ privilege: "MANAGE SHARE TARGET", granted_on: "ACCOUNT" }),
  );
  for (const sql of changes) await cloud.run(sharer, sql);
  await cloud.run(sharer, "ALTER SHARE sh ADD ACCOUNTS = STRANGER.ACCOUNT");
  expect([await accounts("own"), await accounts("sh")]).toEqual([
    "",
    "PARTNERCO.ANALYTICS, STRANGER.ACCOUNT",
  ]);
  expect((await cloud.error(sharer, "ALTER SHARE sh SET COMMENT = 'mine'")).code).toBe("003001");
  expect((await cloud.error(sharer, "CREATE SHARE another")).code).toBe("003001");

  await cloud.run(owner, "REVOKE MANAGE SHARE TARGET ON ACCOUNT FROM ROLE sharer");
  expect((await cloud.error(sharer, changes[0] as string)).code).toBe("003001");
  await cloud.run(owner, "DROP SHARE own");
});
