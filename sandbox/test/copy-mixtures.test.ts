import fc from "fast-check";
import type { Table, TableColumn } from "../snowflake/catalog/model.ts";
import { startTestAws, type TestAws } from "./support/aws.ts";
import { column, LocalAccount } from "./support/local-account.ts";
import { type MixedFile, MixtureWriter, mixedFile } from "./support/parquet-mixtures.ts";

/** What one COPY makes of many files is what it makes of each alone. */
jest.setTimeout(180_000);

const PATH = "raw/ami/mixed/";
const COLUMNS: TableColumn[] = [
  column("C_TEXT", { type: "text", length: 16_777_216 }),
  column("C_SHORT", { type: "text", length: 6 }),
  column("C_NUMBER", { type: "fixed", precision: 38, scale: 6 }),
  column("C_INTEGER", { type: "fixed", precision: 22, scale: 0 }),
  column("C_REAL", { type: "real" }),
  column("C_BOOLEAN", { type: "boolean" }),
  column("C_DATE", { type: "date" }),
  column("C_TIME", { type: "time", scale: 9 }),
  column("C_NTZ", { type: "timestamp_ntz", scale: 9 }),
  column("C_LTZ", { type: "timestamp_ltz", scale: 9 }),
  column("C_TZ", { type: "timestamp_tz", scale: 9 }),
  column("C_BINARY", { type: "binary", length: 8_388_608 }),
  column("C_VARIANT", { type: "variant" }),
];
const METADATA: TableColumn[] = [
  column("FLUX$FILE", { type: "text", length: 16_777_216 }),
  column("FLUX$ROW", { type: "fixed", precision: 38, scale: 0 }),
];

let aws: TestAws;
let local: LocalAccount;
let writer: MixtureWriter;

beforeAll(async () => {
  aws = await startTestAws();
  local = await LocalAccount.start(aws);
  writer = await MixtureWriter.start();
});
afterAll(async () => {
  await writer?.stop();
  await local?.stop();
  await aws?.stop();
});

const copy = (table: string, options: string) =>
  local.sql(`COPY INTO ${table} FROM @EXT_RAW_AMI/mixed/ MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE ON_ERROR = CONTINUE
    INCLUDE_METADATA = ("FLUX$FILE" = METADATA$FILENAME, "FLUX$ROW" = METADATA$FILE_ROW_NUMBER) ${options}`);

/** Puts files in place, does some work, and removes them. */
async function withFiles(files: readonly MixedFile[], work: (names: string[]) => Promise<void>) {
  const names = files.map((_, index) => `${index}.parquet`);
  const written = await Promise.all(
    files.map(async (file, index) => [names[index] as string, await serialised(file)] as const),
  );
  for (const [name, body] of written) await aws.put(PATH + name, body);
  try {
    await work(names);
  } finally {
    for (const name of names) await aws.remove(PATH + name);
  }
}
let turn = Promise.resolve<unknown>(undefined);
function serialised(file: MixedFile): Promise<Buffer> {
  const mine = turn.then(() => writer.write(file));
  turn = mine.catch(() => undefined);
  return mine;
}

const difference = (one: Table, other: Table) =>
  local.rows(one, `SELECT * FROM $T EXCEPT ALL SELECT * FROM d${local.databaseId}.main.t${other.id}`);

test("files of any mixture of schemas load in one COPY as each loads alone", async () => {
  const all = COLUMNS.map(({ name }) => name);
  // With one column only, many files convert alike although their types differ.
  const names = fc.oneof(fc.constant(all), fc.constantFrom(...all.map((name) => [name])));
  const files = names.chain((some) => fc.array(mixedFile(some), { minLength: 2, maxLength: 9 }));
  await fc.assert(
    fc.asyncProperty(files, fc.boolean(), async (mixture, vectorized) => {
      const together = await local.createTable("TOGETHER", [...COLUMNS, ...METADATA]);
      const alone = await local.createTable("ALONE", [...COLUMNS, ...METADATA]);
      const format = `FILE_FORMAT = (TYPE = PARQUET USE_VECTORIZED_SCANNER = ${vectorized})`;
      await withFiles(mixture, async (names) => {
        const report = await copy("TOGETHER", format);
        const single: typeof report = [];
        for (const name of names) single.push(...(await copy("ALONE", `${format} FILES = ('${name}')`)));
        // The errors name the table.
        expect(JSON.stringify(report).replaceAll("TOGETHER", "ALONE")).toBe(JSON.stringify(single));
        expect(report).toHaveLength(mixture.length);
        for (const { first_error } of report)
          expect(first_error ?? "").not.toMatch(/parquet file|Error:|\/tmp/);
      });
      expect(await difference(together, alone)).toEqual([]);
      expect(await difference(alone, together)).toEqual([]);
    }),
    { numRuns: 40 },
  );
});

test("a whole number in one file and a fraction in the next are both loaded as they are", async () => {
  const table = await local.createTable("TOGETHER", [column("USAGE_KWH", { type: "real" }), ...METADATA]);
  const file = (kind: "int32" | "double"): MixedFile => ({
    writer: "duckdb",
    rows: 3,
    columns: [{ name: "USAGE_KWH", kind, nullable: false }],
  });
  await withFiles([file("int32"), file("double")], async () => {
    await copy("TOGETHER", "FILE_FORMAT = (TYPE = PARQUET)");
  });
  expect(
    await local.rows(
      table,
      `SELECT "FLUX$FILE" AS f, sum(USAGE_KWH)::DECIMAL(9,3)::VARCHAR AS s FROM $T GROUP BY 1 ORDER BY 1`,
    ),
  ).toEqual([
    { f: `${PATH}0.parquet`, s: "9.000" },
    { f: `${PATH}1.parquet`, s: "0.900" },
  ]);
});

test("an object in one file and a list in the next go into one VARIANT column", async () => {
  const table = await local.createTable("TOGETHER", [column("V", { type: "variant" }), ...METADATA]);
  const file = (kind: "struct" | "list"): MixedFile => ({
    writer: "duckdb",
    rows: 1,
    columns: [{ name: "V", kind, nullable: false }],
  });
  await withFiles([file("struct"), file("list")], async () => {
    const report = await copy("TOGETHER", "FILE_FORMAT = (TYPE = PARQUET)");
    expect(report.map(({ status }) => status)).toEqual(["LOADED", "LOADED"]);
  });
  expect(await local.rows(table, `SELECT V::VARCHAR AS v FROM $T ORDER BY "FLUX$FILE"`)).toEqual([
    { v: '{"a":0,"b":0.0}' },
    { v: "[0,1]" },
  ]);
});
