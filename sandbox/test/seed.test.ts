import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { PassThrough } from "node:stream";
import { HeadObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { DuckDBInstance } from "@duckdb/node-api";
import { FAULTS, type Fault } from "../seed/faults.ts";
import { MAX_METERS_PER_FILE, plannedFiles } from "../seed/files.ts";
import { HELP, OptionError, readOptions, type SeedOptions } from "../seed/options.ts";
import { Progress } from "../seed/progress.ts";
import { ReadingsWriter } from "../seed/readings.ts";
import { seedReadings } from "../seed/seed-readings.ts";
import { startTestAws, type TestAws } from "./support/aws.ts";

jest.setTimeout(60_000);

const options = (change: Partial<SeedOptions> = {}): SeedOptions => ({
  ...readOptions([], {}),
  meters: 40,
  days: 2,
  ...change,
});

describe("options", () => {
  it("make about two million readings in 21 files when nothing is said", () => {
    const files = [...plannedFiles(readOptions([], {}))];
    expect(files).toHaveLength(21);
    expect(files.reduce((sum, { rows }) => sum + rows, 0)).toBe(2_016_000);
  });

  it("come from flags first, then from the environment", () => {
    const read = readOptions(["--meters", "5"], {
      METERS: "7",
      DAYS: "3",
      SEED: "9",
      FROM: "2024-02-28",
      FAULTS: "nulls,gap",
    });
    expect(read).toMatchObject({ meters: 5, days: 3, seed: 9, from: "2024-02-28", faults: ["gap", "nulls"] });
  });

  it.each([
    [["--meters", "0"], "meters: got '0', must be a whole number from 1 to 10000000"],
    [["--days", "1.5"], "days: got '1.5'"],
    [["--from", "2026-02-30"], "from: got '2026-02-30', which is no day of the calendar"],
    [["--from", "yesterday"], "from: got 'yesterday', must be a day as YYYY-MM-DD"],
    [["--bucket", "No_Bucket"], "bucket: got 'No_Bucket'"],
    [["--faults", "gap,typos"], "faults: got 'typos', must be of gap, duplicates, nulls, late"],
    [["--prefix", "raw/ami"], "prefix: got 'raw/ami', must be a key prefix that ends in '/'"],
  ])("refuse %j", (args, message) => {
    expect(() => readOptions(args, {})).toThrow(message);
  });

  it("tell all mistakes at once", () => {
    expect(() => readOptions(["--meters", "x", "--days", "y"], {})).toThrow(/meters: .*\ndays: /);
  });
});

describe("files", () => {
  it("are one a day, and several when the day is large", () => {
    const files = [...plannedFiles(options({ meters: 2 * MAX_METERS_PER_FILE + 1, days: 2 }))];
    expect(files.map(({ day, rows }) => [day, rows / 96])).toEqual([
      ["2026-07-01", MAX_METERS_PER_FILE],
      ["2026-07-01", MAX_METERS_PER_FILE],
      ["2026-07-01", 1],
      ["2026-07-02", MAX_METERS_PER_FILE],
      ["2026-07-02", MAX_METERS_PER_FILE],
      ["2026-07-02", 1],
    ]);
    expect(new Set(files.map(({ key }) => key)).size).toBe(6);
  });

  it("go over a leap day", () => {
    const days = [...plannedFiles(options({ from: "2028-02-28", days: 3 }))].map(({ day }) => day);
    expect(days).toEqual(["2028-02-28", "2028-02-29", "2028-03-01"]);
  });

  it("have another fingerprint with another seed, day, number of meters or fault", () => {
    const prints = [
      options(),
      options({ seed: 2 }),
      options({ meters: 41 }),
      options({ faults: ["gap"] }),
    ].flatMap((each) => [...plannedFiles(each)].map(({ fingerprint }) => fingerprint));
    expect(new Set(prints).size).toBe(8);
  });
});

describe("readings", () => {
  let directory: string;
  const write = async (change: Partial<SeedOptions> = {}) => {
    const wish = options(change);
    const writer = await ReadingsWriter.open(wish.seed, directory);
    const paths: string[] = [];
    for (const file of plannedFiles(wish)) {
      const target = path.join(
        directory,
        `${wish.seed}-${paths.length}-${createHash("md5").update(file.key).digest("hex")}.parquet`,
      );
      await writer.write(file, target);
      paths.push(target);
    }
    writer.close();
    return paths;
  };
  const ask = async (sql: string) => {
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    await connection.run("SET TimeZone = 'UTC'");
    const rows = (await connection.runAndReadAll(sql)).getRowObjectsJson();
    connection.closeSync();
    instance.closeSync();
    return rows;
  };
  beforeAll(() => {
    directory = mkdtempSync(path.join(tmpdir(), "seed-"));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  it("are the same bytes for the same seed and others for another", async () => {
    const hash = (file: string | undefined) =>
      createHash("sha256")
        .update(readFileSync(file ?? ""))
        .digest("hex");
    const first = hash((await write())[0]);
    expect(hash((await write())[0])).toBe(first);
    expect(hash((await write({ seed: 2 }))[0])).not.toBe(first);
  });

  it("have the guide's schema, snappy, with instants in microseconds", async () => {
    const [file] = await write();
    expect(await ask(`SELECT column_name, column_type FROM (DESCRIBE FROM '${file}')`)).toEqual([
      { column_name: "METER_ID", column_type: "VARCHAR" },
      { column_name: "TIMESTAMP", column_type: "TIMESTAMP WITH TIME ZONE" },
      { column_name: "USAGE_KWH", column_type: "DOUBLE" },
      { column_name: "VOLTAGE", column_type: "DECIMAL(22,0)" },
      { column_name: "POWER_FACTOR", column_type: "DECIMAL(23,2)" },
      { column_name: "CUSTOMER_SEGMENT_ID", column_type: "VARCHAR" },
      { column_name: "SOURCE_TABLE", column_type: "VARCHAR" },
    ]);
    expect(await ask(`SELECT DISTINCT compression FROM parquet_metadata('${file}')`)).toEqual([
      { compression: "SNAPPY" },
    ]);
  });

  it("are complete: 96 a meter and day, no duplicate", async () => {
    const files = await write({ meters: 300, days: 3 });
    const [row] = await ask(`
      SELECT count(*)::INT AS rows, count(DISTINCT METER_ID)::INT AS meters, count(DISTINCT (METER_ID, "TIMESTAMP"))::INT AS keys,
        min("TIMESTAMP")::VARCHAR AS first, max("TIMESTAMP")::VARCHAR AS last, max(length(CUSTOMER_SEGMENT_ID))::INT AS longest
      FROM read_parquet(['${files.join("','")}'])`);
    expect(row).toEqual({
      rows: 86_400,
      meters: 300,
      keys: 86_400,
      first: "2026-07-01 00:00:00+00",
      last: "2026-07-03 23:45:00+00",
      longest: 11,
    });
  });

  describe("with faults", () => {
    const figures = async (faults: Fault[]) => {
      const files = await write({ faults });
      const [row] = await ask(`
        WITH readings AS (SELECT * FROM read_parquet(['${files.join("','")}'], union_by_name = true, filename = true))
        SELECT count(*)::INT AS rows, count(*) FILTER (METER_ID IS NULL)::INT AS nulls,
          (count(*) FILTER (METER_ID IS NOT NULL) - count(DISTINCT (METER_ID, "TIMESTAMP")) FILTER (METER_ID IS NOT NULL))::INT
            AS duplicates,
          count(DISTINCT METER_ID)::INT AS meters, count(*) FILTER (VOLTAGE = 100)::INT AS low,
          count(*) FILTER (year("TIMESTAMP") > 2200)::INT AS ahead,
          count(*) FILTER (TRY_CAST(USAGE_KWH AS DOUBLE) IS NULL)::INT AS words,
          min("TIMESTAMP")::VARCHAR AS first,
          count(*) FILTER (filename = '${files[1]}' AND day("TIMESTAMP") = 1)::INT AS late
        FROM readings`);
      return row;
    };
    const RIGHT = {
      rows: 7680,
      nulls: 0,
      duplicates: 0,
      meters: 40,
      low: 0,
      ahead: 0,
      words: 0,
      first: "2026-07-01 00:00:00+00",
      late: 0,
    };
    // Two files each.
    it.each<[Fault[], Partial<typeof RIGHT>]>([
      [[], {}],
      [["gap"], { rows: 7672 }],
      [["duplicates"], { rows: 7688, duplicates: 8 }],
      [["nulls"], { rows: 7688, nulls: 8 }],
      [["late"], { late: 1 }],
      [["voltage"], { low: 768 }],
      [["unknown"], { rows: 7872, meters: 41 }],
      [["years"], { rows: 7682, ahead: 2 }],
      [["text"], { words: 8 }],
      [["gap", "nulls", "text"], { rows: 7680, nulls: 8, words: 8 }],
    ])("%j they have these, and are right otherwise", async (faults, wrong) => {
      expect(await figures(faults)).toEqual({ ...RIGHT, ...wrong });
    });

    it("are all explained", () => {
      for (const fault of FAULTS) expect(HELP).toMatch(new RegExp(`^  ${fault} +\\w`, "m"));
    });
  });

  it("look like a real load: voltage, power factor, evening peak, weekends, seasons", async () => {
    // 2026-07-03 is a Friday, 2026-07-04 a Saturday
    const files = await write({ meters: 800, from: "2026-07-03", days: 2 });
    const spring = await write({ meters: 800, from: "2026-04-20", days: 1, seed: 3 });
    const [quality] = await ask(`
      SELECT avg((VOLTAGE BETWEEN 110 AND 125)::INT) AS normal, min(VOLTAGE)::INT AS low, max(VOLTAGE)::INT AS high,
        min(POWER_FACTOR)::DOUBLE AS worst, max(POWER_FACTOR)::DOUBLE AS best, min(USAGE_KWH) AS least
      FROM read_parquet(['${files.join("','")}'])`);
    expect(Number(quality?.normal)).toBeGreaterThan(0.99);
    expect(Number(quality?.normal)).toBeLessThan(1);
    expect(Number(quality?.low)).toBeGreaterThan(100);
    expect(Number(quality?.high)).toBeLessThan(135);
    expect(quality).toMatchObject({ best: 0.99 });
    expect(Number(quality?.worst)).toBeGreaterThan(0.8);
    expect(Number(quality?.least)).toBeGreaterThan(0);

    const use = async (file: string | undefined, segment: string, hour: string) => {
      const [row] = await ask(
        `SELECT avg(USAGE_KWH) AS use FROM '${file}' WHERE CUSTOMER_SEGMENT_ID = '${segment}' AND ${hour}`,
      );
      return Number(row?.use);
    };
    const evening = 'hour("TIMESTAMP") = 18';
    const night = 'hour("TIMESTAMP") = 3';
    const noon = 'hour("TIMESTAMP") = 12';
    expect(await use(files[0], "RESIDENTIAL", evening)).toBeGreaterThan(
      3 * (await use(files[0], "RESIDENTIAL", night)),
    );
    expect(await use(files[0], "COMMERCIAL", noon)).toBeGreaterThan(
      1.5 * (await use(files[1], "COMMERCIAL", noon)),
    );
    expect(await use(files[0], "RESIDENTIAL", evening)).toBeGreaterThan(
      1.2 * (await use(spring[0], "RESIDENTIAL", evening)),
    );
  });
});

describe("the bucket", () => {
  let aws: TestAws;
  let s3: S3Client;
  const bucket = "seed-target";
  const keys = async () =>
    ((await s3.send(new ListObjectsV2Command({ Bucket: bucket }))).Contents ?? []).map(({ Key }) => Key);
  beforeAll(async () => {
    aws = await startTestAws();
    s3 = new S3Client({
      endpoint: aws.endpoint,
      region: "us-east-1",
      credentials: { accessKeyId: "111111111111", secretAccessKey: "root" },
      forcePathStyle: true,
    });
  });
  afterAll(async () => {
    s3?.destroy();
    await aws?.stop();
  });

  it("is made and filled, and filled up when more days are asked for", async () => {
    expect(await seedReadings(s3, options({ bucket }))).toMatchObject({
      files: 2,
      rows: 7_680,
      filesKept: 0,
    });
    expect(await keys()).toEqual([
      "raw/ami/ami_interval_readings/ami_interval_readings_2026-07-01_000.snappy.parquet",
      "raw/ami/ami_interval_readings/ami_interval_readings_2026-07-02_000.snappy.parquet",
    ]);
    expect(await seedReadings(s3, options({ bucket, days: 3 }))).toMatchObject({ files: 1, filesKept: 2 });
  });

  it("is left alone when it holds other readings under the same names", async () => {
    await seedReadings(s3, options({ bucket }));
    const other = options({ bucket, meters: 41 });
    await expect(seedReadings(s3, other)).rejects.toThrow(OptionError);
    await expect(seedReadings(s3, other)).rejects.toThrow("2 of 2 files are there with other content");
    expect(await seedReadings(s3, { ...other, replace: true })).toMatchObject({ files: 2 });
  });

  it("gets a file back that somebody replaced", async () => {
    const [file] = plannedFiles(options({ bucket, prefix: "again/" }));
    await seedReadings(s3, options({ bucket, prefix: "again/" }));
    const head = () => s3.send(new HeadObjectCommand({ Bucket: bucket, Key: file?.key }));
    const before = await head();
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: file?.key, Body: "not parquet" }));
    const result = await seedReadings(s3, options({ bucket, prefix: "again/", replace: true }));
    expect(result).toMatchObject({ files: 1, filesKept: 1 });
    expect((await head()).ETag).toBe(before.ETag);
  });
});

describe("progress", () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it("says nothing when the work is quick", () => {
    const out = new PassThrough();
    const progress = new Progress("writing", 10, "rows", out);
    progress.add(10);
    jest.advanceTimersByTime(1_900);
    progress.stop();
    expect(out.read()).toBeNull();
  });

  it("draws a line over itself on a terminal, and lines without control characters in a log", () => {
    const show = (terminal: boolean) => {
      const out = Object.assign(new PassThrough(), { isTTY: terminal });
      const progress = new Progress("writing", 1_000, "rows", out);
      progress.add(250);
      jest.advanceTimersByTime(10_000);
      progress.stop();
      return String(out.read());
    };
    expect(show(true)).toMatch(/\r.*writing: 250 of 1,000 rows \(25 %\), \d+ s, about \d+ s left/);
    expect(show(false)).toBe("writing: 250 of 1,000 rows (25 %), 10 s, about 30 s left\n");
  });
});
