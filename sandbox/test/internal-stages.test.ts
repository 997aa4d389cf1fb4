import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { DuckDBInstance } from "@duckdb/node-api";
import { standaloneServer, TestSession } from "./support/standalone-server.ts";

jest.setTimeout(60_000);

const server = standaloneServer();
const folder = mkdtempSync(path.join(tmpdir(), "internal-stages-"));
let session: TestSession;

beforeAll(async () => {
  await server.start();
  session = await TestSession.open(server.login);
  await session.run("CREATE DATABASE STAGED");
  await session.run("CREATE WAREHOUSE STAGED");
  await session.run("CREATE TABLE READINGS (METER_ID VARCHAR(10), KWH NUMBER(10,3))");
  await session.run("CREATE STAGE FILES FILE_FORMAT = (TYPE = PARQUET)");
  writeFileSync(path.join(folder, "notes one.csv"), "a,b\n1,2\n");
  const duckdb = await (await DuckDBInstance.create()).connect();
  const parquet = (name: string, rows: string) =>
    duckdb.run(
      `COPY (SELECT * FROM (VALUES ${rows}) AS V("METER_ID", "KWH")) TO '${path.join(folder, name)}'`,
    );
  await parquet("one.parquet", "('M1', 0.25), ('M2', 0.5)");
  await parquet("two.parquet", "('M3', 1.0)");
  await parquet("bad.parquet", "('a meter with too long a name', 1.0)");
  duckdb.closeSync();
}, 60_000);

afterAll(async () => {
  await session.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const names = async (location: string) => (await session.rows(`LIST ${location}`)).map((row) => row.name);
/** A driver zips what it does not take for zipped, parquet files among it. */
const put = (
  name: string,
  location: string,
  options = /parquet$/.test(name) ? "AUTO_COMPRESS = FALSE" : "",
) => session.rows(`PUT 'file://${path.join(folder, name)}' ${location} ${options}`);
const stages = () => readdirSync(path.join(server.directory, "stages", "named"));

test("puts files into named, user's and table's stages, lists, gets and removes them", async () => {
  expect(await put("notes one.csv", "@FILES/sub")).toMatchObject([
    { source: "notes one.csv", target: "notes one.csv.gz", status: "UPLOADED" },
  ]);
  await put("notes one.csv", "@~/mine", "AUTO_COMPRESS = FALSE");
  await put("*.parquet", "@%READINGS");
  expect(await names("@FILES")).toEqual(["files/sub/notes one.csv.gz"]);
  expect(await names("@~")).toEqual(["mine/notes one.csv"]);
  expect(await names("@%READINGS")).toEqual(["bad.parquet", "one.parquet", "two.parquet"]);
  const target = path.join(folder, "got");
  mkdirSync(target);
  expect(await session.rows(`GET @FILES file://${target}`)).toMatchObject([{ status: "DOWNLOADED" }]);
  expect(gunzipSync(readFileSync(path.join(target, "notes one.csv.gz"))).toString()).toBe("a,b\n1,2\n");
  expect(await session.rows("REMOVE @%READINGS PATTERN = '.*(bad|two).*'")).toEqual([
    { name: "bad.parquet", result: "removed" },
    { name: "two.parquet", result: "removed" },
  ]);
  expect(await names("@%READINGS")).toEqual(["one.parquet"]);
});

test("COPY loads from an internal stage, once, and purges", async () => {
  await put("one.parquet", "@FILES/load/");
  const copy = "COPY INTO READINGS FROM @FILES/load/ MATCH_BY_COLUMN_NAME = CASE_SENSITIVE";
  expect(await session.rows(copy)).toMatchObject([
    { file: "load/one.parquet", status: "LOADED", rows_loaded: 2 },
  ]);
  expect(await session.rows(copy)).toEqual([{ status: "Copy executed with 0 files processed." }]);
  await put("two.parquet", "@FILES/load/");
  expect(await session.rows(`${copy} PURGE = TRUE`)).toMatchObject([{ file: "load/two.parquet" }]);
  expect(await names("@FILES/load")).toEqual(["files/load/one.parquet"]);
  expect(await session.value("SELECT COUNT(*) FROM READINGS")).toBe(3);
  expect(await session.value("SELECT COUNT(*) FROM @FILES/load/")).toBe(2);
});

test("COPY transforms what it loads by a SELECT, file by file, all or nothing", async () => {
  await session.run("TRUNCATE TABLE READINGS");
  await put("one.parquet", "@FILES/select/");
  await put("two.parquet", "@FILES/select/");
  const copy = `COPY INTO READINGS (KWH, METER_ID) FROM
    (SELECT $1:KWH::NUMBER(10,3) * 2, LOWER($1:METER_ID::VARCHAR) FROM '@FILES/select/')`;
  expect(await session.rows(copy)).toMatchObject([
    { file: "select/one.parquet", status: "LOADED", rows_parsed: 2, rows_loaded: 2 },
    { file: "select/two.parquet", status: "LOADED", rows_parsed: 1, rows_loaded: 1 },
  ]);
  expect(await session.rows("SELECT * FROM READINGS ORDER BY METER_ID")).toEqual([
    { METER_ID: "m1", KWH: 0.5 },
    { METER_ID: "m2", KWH: 1 },
    { METER_ID: "m3", KWH: 2 },
  ]);
  expect(await session.rows(copy)).toEqual([{ status: "Copy executed with 0 files processed." }]);
  await put("two.parquet", "@FILES/mixed/");
  await put("bad.parquet", "@FILES/mixed/");
  const mixed =
    "COPY INTO READINGS FROM (SELECT $1:METER_ID, $1:KWH FROM @FILES/mixed/) PATTERN = '.*parquet'";
  expect(await session.failure(mixed)).toMatchObject({ code: "100078" });
  expect(await session.value("SELECT COUNT(*) FROM READINGS")).toBe(3);
  expect(await session.failure(`${mixed} ON_ERROR = CONTINUE`)).toMatchObject({ code: "000002" });
});

test("only who may write puts, and only who may read gets", async () => {
  await session.run("CREATE ROLE READER");
  await session.run("GRANT ROLE READER TO USER DEPLOYER");
  for (const grant of ["USAGE ON DATABASE STAGED", "USAGE ON SCHEMA PUBLIC", "READ ON STAGE FILES"])
    await session.run(`GRANT ${grant} TO ROLE READER`);
  await session.run("USE SECONDARY ROLES NONE");
  await session.run("USE ROLE READER");
  try {
    expect(await names("@FILES/load")).toEqual(["files/load/one.parquet"]);
    expect(await session.failure(`PUT file://${folder}/one.parquet @FILES`)).toMatchObject({
      code: "003001",
    });
    expect(await session.failure("REMOVE @FILES")).toMatchObject({ code: "003001" });
    expect(await session.failure("LIST @%READINGS")).toMatchObject({ code: "002003" });
  } finally {
    await session.run("USE ROLE ACCOUNTADMIN");
    await session.run("USE SECONDARY ROLES ALL");
  }
});

test("the files of a stage go with it, and those of a temporary one with its session", async () => {
  const before = stages().length;
  await session.run("CREATE STAGE GOING");
  await put("one.parquet", "@GOING");
  const other = await TestSession.open(server.login);
  await other.run("USE SCHEMA STAGED.PUBLIC");
  await other.run("CREATE TEMPORARY STAGE PASSING");
  await other.run(`PUT file://${folder}/one.parquet @PASSING`);
  expect(stages()).toHaveLength(before + 2);
  await other.close();
  await session.run("DROP STAGE GOING");
  expect(stages()).toHaveLength(before);
  expect(existsSync(path.join(folder, "one.parquet"))).toBe(true);
});
