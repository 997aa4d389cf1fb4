import fc from "fast-check";
import { startTestAws, type TestAws } from "./support/aws.ts";
import { LocalServer } from "./support/local-server.ts";
import { fixtures, readings } from "./support/parquet-fixtures.ts";
import { TestSession } from "./support/standalone-server.ts";

/** Files that are spoilt in any way end in an error of Snowflake's about them, and hold up nothing else. */
jest.setTimeout(180_000);

const PATH = "raw/ami/spoilt/";
const COPY = `COPY INTO READINGS FROM @RAW/spoilt/ FILE_FORMAT = (TYPE = PARQUET) MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE
  ON_ERROR = CONTINUE FORCE = TRUE`;

let aws: TestAws;
let server: LocalServer;
let session: TestSession;
let bases: Buffer[] = [];

beforeAll(async () => {
  aws = await startTestAws();
  server = new LocalServer(aws);
  const rows = readings({ meters: 1 });
  bases = await Promise.all([fixtures.plain(rows), fixtures.zstd(rows), fixtures.uncompressed(rows)]);
  await aws.put(`${PATH}good.parquet`, await fixtures.plain(rows));
  await server.start();
  session = await TestSession.open(server.login);
  for (const sql of [
    "CREATE WAREHOUSE WH",
    "CREATE DATABASE DB",
    `CREATE STORAGE INTEGRATION SI TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' ENABLED = TRUE
       STORAGE_AWS_ROLE_ARN = '${aws.roleArn}' STORAGE_ALLOWED_LOCATIONS = ('s3://${aws.bucket}/raw/ami/')`,
    "ALTER STORAGE INTEGRATION SI SET STORAGE_AWS_EXTERNAL_ID = 'external-1'",
    `CREATE STAGE RAW URL = 's3://${aws.bucket}/raw/ami/' STORAGE_INTEGRATION = SI`,
    "CREATE FILE FORMAT FF TYPE = PARQUET",
    `CREATE TABLE READINGS (METER_ID VARCHAR, TIMESTAMP TIMESTAMP_NTZ, USAGE_KWH FLOAT, VOLTAGE NUMBER(22,0),
       POWER_FACTOR NUMBER(23,2), CUSTOMER_SEGMENT_ID VARCHAR(11), SOURCE_TABLE VARCHAR)`,
  ]) {
    await session.run(sql);
  }
});
afterAll(async () => {
  await session?.close();
  await server?.stop();
  await aws?.stop();
});

/** A place in a file, from 0 to 1: in its footer or in its pages. */
const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const mutation = fc.record({
  base: fc.nat({ max: 2 }),
  footer: fc.boolean(),
  change: fc.oneof(
    fc.record({ kind: fc.constant("cut" as const), at: place }),
    fc.record({
      kind: fc.constant("set" as const),
      at: place,
      bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }),
    }),
    fc.record({ kind: fc.constant("clear" as const), at: place, count: fc.integer({ min: 1, max: 60 }) }),
    fc.record({
      kind: fc.constant("footer length" as const),
      length: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    }),
    fc.record({
      kind: fc.constant("append" as const),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 20 }),
    }),
  ),
});
type Mutation = typeof mutation extends fc.Arbitrary<infer Value> ? Value : never;

function mutated({ base, footer, change }: Mutation): Buffer {
  const file = Buffer.from(bases[base] as Buffer);
  const footerLength = file.readUInt32LE(file.length - 8);
  const pages = file.length - 8 - footerLength;
  const at = (share: number) => (footer ? pages + share * footerLength : 4 + share * (pages - 4)) | 0;
  switch (change.kind) {
    case "cut":
      return file.subarray(0, at(change.at));
    case "set":
      file.set(change.bytes.subarray(0, file.length - 8 - at(change.at)), at(change.at));
      return file;
    case "clear":
      return file.fill(0, at(change.at), Math.min(at(change.at) + change.count, file.length - 8));
    case "footer length":
      file.writeUInt32LE(change.length, file.length - 8);
      return file;
    case "append":
      return Buffer.concat([file, change.bytes]);
  }
}

/** Words of the engine and of JavaScript, and places of this machine. */
const FOREIGN = /\b\w* ?Error: |duckdb|TypeError|\/tmp|\/objects\/|undefined|footers-|not a function/i;
/** A statement works, or ends in an error about the file. */
async function judge(sql: string): Promise<"works" | "fails"> {
  const error = await session.run(sql).then(
    () => undefined,
    (thrown) => thrown as { code?: string; message: string },
  );
  if (!error) return "works";
  expect(error.message).toMatch(/^Error parsing the parquet file: |^A column called /);
  expect(error.message).not.toMatch(FOREIGN);
  expect(String(error.code)).toBe("100152");
  return "fails";
}
const select = (name: string) => `SELECT $1 FROM @RAW/spoilt/${name} (FILE_FORMAT => 'FF')`;

test("whatever is done to a file, the answer is about the file", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 6 }), async (mutations) => {
      const names = mutations.map((_, index) => `spoilt-${index}.parquet`);
      for (const [index, each] of mutations.entries()) await aws.put(`${PATH}${names[index]}`, mutated(each));
      try {
        const report = await session.rows(COPY);
        expect(report).toHaveLength(names.length + 1);
        for (const { first_error } of report) expect(String(first_error)).not.toMatch(FOREIGN);
        expect(report.find(({ file }) => String(file).endsWith("good.parquet"))).toMatchObject({
          status: "LOADED",
        });
        for (const name of names) {
          await judge(select(name));
          await judge(
            `SELECT * FROM TABLE(INFER_SCHEMA(LOCATION => '@RAW/spoilt/', FILE_FORMAT => 'FF', FILES => ('${name}')))`,
          );
        }
      } finally {
        for (const name of names) await aws.remove(PATH + name);
      }
    }),
    {
      numRuns: 15,
      examples: [[[{ base: 0, footer: false, change: { kind: "footer length", length: 2 ** 32 - 12 } }]]],
    },
  );
});

test("pages that are spoilt end a SELECT as they end a COPY", async () => {
  await aws.put(`${PATH}corrupt.parquet`, await fixtures.corrupt(readings({ meters: 1 })));
  expect(await judge(select("corrupt.parquet"))).toBe("fails");
  expect(await judge(select("good.parquet"))).toBe("works");
  await aws.remove(`${PATH}corrupt.parquet`);
});

test("a file of thousands of row groups loads", async () => {
  await aws.put(`${PATH}groups.parquet`, fixtures.rowGroups(readings({ meters: 20 })));
  expect(await session.rows(`${COPY} FILES = ('groups.parquet')`)).toMatchObject([
    { status: "LOADED", rows_loaded: 1_920 },
  ]);
  await aws.remove(`${PATH}groups.parquet`);
});
