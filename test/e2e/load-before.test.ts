/** Tables that were loaded by COPY, before rows had a FILE_ID; and the statement that forgets a file. */
import { readFileSync } from "node:fs";
import { fixtures, readings } from "../../sandbox/test/support/parquet-fixtures.ts";
import { type LoadCloud, startLoadCloud } from "./support/load-cloud.ts";
import { loadDirectly } from "./support/load-directly.ts";

jest.setTimeout(240_000);

let cloud: LoadCloud;
const day = (start: string) => fixtures.plain(readings({ start }));
beforeAll(async () => {
  cloud = await startLoadCloud();
}, 120_000);
afterAll(() => cloud?.stopAll());

const full = (table: string) => `FLUX_LOAD_TEST.PRODUCTION.${table}`;
const count = async (table: string, where = "TRUE") =>
  Number((await cloud.sql(`SELECT COUNT(*) AS N FROM ${full(table)} WHERE ${where}`))[0]?.N);

test("the accounting of before is taken over, nothing is loaded again, and its files cannot be replaced", async () => {
  const table = "BEFORE_1";
  const args = await cloud.makeTable(table);
  // Else the times of the files, which are UTC, become those of the session.
  await cloud.sql("ALTER SESSION SET TIMEZONE = 'UTC'");
  for (const [name, start] of [
    ["a.parquet", "2026-07-01"],
    ["b.parquet", "2026-07-02"],
  ] as const) {
    await cloud.put(table, name, await day(start));
    await cloud.sql(
      `COPY INTO ${full(table)} FROM @FLUX_LOAD_TEST.PRODUCTION.EXT_RAW_AMI/${table}/ FILES = ('${name}') FILE_FORMAT = (TYPE = PARQUET USE_VECTORIZED_SCANNER = TRUE) MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE`,
    );
  }
  const listed = await cloud.sql(`LIST @FLUX_LOAD_TEST.PRODUCTION.EXT_RAW_AMI/${table}/`);
  for (const { name, size, md5 } of listed)
    await cloud.sql(
      `INSERT INTO ${full(`${table}_LOADS`)} (FILE, SIZE, MD5, STATUS, ROWS_PARSED, ROWS_LOADED, ROWS_REJECTED, QUERY_ID, LOADED_BY, LOADED_AT)
SELECT '${table}/${String(name).split("/").at(-1)}', ${size}, '${md5}', 'LOADED', 192, 192, 0, 'before', 'flux-ami/test', SYSDATE()`,
    );

  const first = await loadDirectly(cloud, args);
  expect(first.reasons).toEqual([]);
  expect(first.outputs).toMatchObject({
    filesLoaded: 2,
    rowsLoaded: 384,
    totalRows: 384,
    uniqueMeters: 2,
    verified: true,
    pending: { files: 0, bytes: 0, replaced: 0 },
  });
  expect(cloud.copiesOf(table)).toEqual([]);

  await cloud.put(table, "c.parquet", await day("2026-07-03"));
  const second = await loadDirectly(cloud, args);
  expect(second.reasons).toEqual([]);
  expect(second.outputs).toMatchObject({ filesLoaded: 3, totalRows: 576, verified: true });
  expect(await count(table, "FILE_ID IS NULL")).toBe(384);

  await cloud.put(table, "a.parquet", await day("2026-07-04"));
  await expect(loadDirectly(cloud, { ...args, replacedFiles: "replace" })).rejects.toThrow(
    /loaded before rows were marked with their file/,
  );
  expect((await loadDirectly(cloud, { ...args, replacedFiles: "skip" })).outputs).toMatchObject({
    totalRows: 576,
    verified: true,
  });
});

test("a file is forgotten by the documented statement, and loaded again", async () => {
  const table = "BEFORE_2";
  const args = await cloud.makeTable(table);
  await cloud.put(table, "a.parquet", await day("2026-07-01"));
  await cloud.put(table, "b.parquet", await day("2026-07-02"));
  await loadDirectly(cloud, args);
  const blocks = [
    ...readFileSync("docs/loading.md", "utf8").matchAll(/```sql\n(EXECUTE IMMEDIATE \$\$\nBEGIN\n[^`]*)```/g),
  ];
  expect(blocks).toHaveLength(1);
  const [[, statement = ""] = []] = blocks;
  const [record] = await cloud.sql(
    `SELECT FILE_ID FROM ${full(`${table}_LOADS`)} WHERE FILE LIKE '%b.parquet'`,
  );
  await cloud.sql("USE SCHEMA FLUX_LOAD_TEST.PRODUCTION");
  await cloud.sql(
    statement.replaceAll("AMI_INTERVAL_READINGS", table).replaceAll("= 7", `= ${record?.FILE_ID}`),
  );
  expect(await count(table)).toBe(192);
  const again = await loadDirectly(cloud, args);
  expect(again.reasons).toEqual([]);
  expect(again.outputs).toMatchObject({ filesLoaded: 2, totalRows: 384, verified: true, version: 4 });
});
