/**
 * Small parquet files of meter readings as different writers make them: right ones, odd ones and broken ones.
 * Two writers that share no code: DuckDB, and hyparquet-writer (which can also be told each annotation of a column).
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { zstdCompressSync } from "node:zlib";
import { DuckDBInstance } from "@duckdb/node-api";
import { parquetMetadata, type SchemaElement } from "hyparquet";
import { ByteWriter, parquetWriteBuffer } from "hyparquet-writer";
import { writeMetadata } from "hyparquet-writer/src/metadata.js";

export interface Reading {
  meterId: string | null;
  /** The wall clock of the interval's start, as if in UTC. */
  timestamp: Date | null;
  usageKwh: number;
  voltage: number;
  powerFactor: number;
  segment: string | null;
  sourceTable: string;
}

interface ReadingsWish {
  /** @default 2 */
  meters?: number;
  /** Number of the first meter. @default 1 */
  firstMeter?: number;
  /** First day, YYYY-MM-DD. @default "2026-07-01" */
  start?: string;
  /** Days of 96 readings. @default 1 */
  days?: number;
}

/** Complete days of readings; values depend on the meter and the interval only. */
export function readings({ meters = 2, firstMeter = 1, start = "2026-07-01", days = 1 }: ReadingsWish = {}) {
  const begin = Date.parse(`${start}T00:00:00Z`);
  return Array.from({ length: meters * days * 96 }, (_, index): Reading => {
    const interval = index % (days * 96);
    const meter = firstMeter + Math.floor(index / (days * 96));
    return {
      meterId: `MTR-${String(meter).padStart(8, "0")}`,
      timestamp: new Date(begin + interval * 900_000),
      usageKwh: 0.25 + (interval % 96) / 64,
      voltage: 117 + ((meter + interval) % 7),
      powerFactor: 0.9 + (interval % 10) / 100,
      segment: "RESIDENTIAL",
      sourceTable: "AMI_READINGS",
    };
  });
}

// ── The two writers ──────────────────────────────────────────────────────────────────────────

const COLUMNS = {
  METER_ID: "meterId",
  TIMESTAMP: "timestamp",
  USAGE_KWH: "usageKwh",
  VOLTAGE: "voltage",
  POWER_FACTOR: "powerFactor",
  CUSTOMER_SEGMENT_ID: "segment",
  SOURCE_TABLE: "sourceTable",
} as const satisfies Record<string, keyof Reading>;

/**
 * Written by DuckDB from a SELECT over `reading`, whose columns are METER_ID, TIMESTAMP (TIMESTAMP), USAGE_KWH (DOUBLE),
 * VOLTAGE (DOUBLE), POWER_FACTOR (DOUBLE), CUSTOMER_SEGMENT_ID and SOURCE_TABLE.
 */
async function writeWithDuckdb(
  rows: readonly Reading[],
  select = "FROM reading",
  options = "COMPRESSION snappy",
): Promise<Buffer> {
  const directory = await mkdtemp(path.join(tmpdir(), "parquet-"));
  const instance = await DuckDBInstance.create(":memory:", { autoinstall_known_extensions: "false" });
  const connection = await instance.connect();
  try {
    await connection.run(
      "CREATE TABLE reading (METER_ID VARCHAR, TIMESTAMP TIMESTAMP, USAGE_KWH DOUBLE, VOLTAGE DOUBLE, POWER_FACTOR DOUBLE, CUSTOMER_SEGMENT_ID VARCHAR, SOURCE_TABLE VARCHAR)",
    );
    const json = path.join(directory, "rows.json");
    await writeFile(
      json,
      JSON.stringify(rows.map((row) => ({ ...row, millis: row.timestamp?.getTime() ?? null }))),
    );
    await connection.run(
      `INSERT INTO reading SELECT meterId, make_timestamp(millis * 1000), usageKwh, voltage, powerFactor, segment, sourceTable
       FROM read_json('${json}', columns = {meterId: 'VARCHAR', millis: 'BIGINT', usageKwh: 'DOUBLE', voltage: 'DOUBLE', powerFactor: 'DOUBLE', segment: 'VARCHAR', sourceTable: 'VARCHAR'})`,
    );
    const file = path.join(directory, "file.parquet");
    await connection.run(`COPY (${select}) TO '${file}' (FORMAT parquet, ${options})`);
    return await readFile(file);
  } finally {
    connection.closeSync();
    instance.closeSync();
    await rm(directory, { recursive: true });
  }
}

/** How hyparquet-writer annotates a column; the name is the reading's column unless `from` says otherwise. */
interface WrittenColumn extends SchemaElement {
  from?: keyof typeof COLUMNS;
  /** Turns the reading's value into the written one. */
  value?: (value: string | number | Date | null) => unknown;
}

type Physical = NonNullable<SchemaElement["type"]>;
const element = (name: string, type: Physical, rest: Partial<WrittenColumn> = {}): WrittenColumn => ({
  name,
  type,
  repetition_type: "OPTIONAL",
  ...rest,
});
const textColumn = (name: string, rest: Partial<WrittenColumn> = {}) =>
  element(name, "BYTE_ARRAY", { converted_type: "UTF8", logical_type: { type: "STRING" }, ...rest });
const timestampColumn = (isAdjustedToUTC: boolean, unit: "MILLIS" | "MICROS" | "NANOS", converted = false) =>
  element("TIMESTAMP", "INT64", {
    logical_type: { type: "TIMESTAMP", isAdjustedToUTC, unit },
    ...(converted && unit !== "NANOS" ? { converted_type: `TIMESTAMP_${unit}` as const } : {}),
  });

/** The columns hyparquet-writer writes when nothing is asked for. */
const USUAL_COLUMNS: readonly WrittenColumn[] = [
  textColumn("METER_ID"),
  timestampColumn(true, "MICROS", true),
  element("USAGE_KWH", "DOUBLE"),
  element("VOLTAGE", "INT32"),
  element("POWER_FACTOR", "DOUBLE"),
  textColumn("CUSTOMER_SEGMENT_ID"),
  textColumn("SOURCE_TABLE"),
];

/** The usual columns with some replaced, by name. */
const usualBut = (...columns: WrittenColumn[]): WrittenColumn[] =>
  USUAL_COLUMNS.map((usual) => columns.find(({ name }) => name === usual.name) ?? usual);

function writeWithHyparquet(
  rows: readonly Reading[],
  columns: readonly WrittenColumn[] = USUAL_COLUMNS,
  codec: "SNAPPY" | "ZSTD" | "UNCOMPRESSED" = "SNAPPY",
  rowGroupSize = 100_000,
): Buffer {
  const schema: SchemaElement[] = [
    { name: "root", num_children: columns.length },
    ...columns.map(({ from: _from, value: _value, ...written }) => written),
  ];
  const columnData = columns.map(({ name, from, value }) => {
    const field = COLUMNS[from ?? (name.toUpperCase() as keyof typeof COLUMNS)];
    const data = rows.map((row) => (value ? value(row[field]) : row[field]));
    return { name, data, encoding: "PLAIN" as const };
  });
  return Buffer.from(
    parquetWriteBuffer({
      schema,
      columnData,
      codec,
      rowGroupSize,
      compressors: { ZSTD: (bytes) => zstdCompressSync(bytes) },
    }),
  );
}

/** Days from the Julian epoch to 1970. */
const JULIAN_1970 = 2_440_588;

/**
 * TIMESTAMP as INT96, the way Hive, Impala and old Sparks write it: nanoseconds of the day and Julian day. The writer
 * has no INT96, but its 12-byte arrays have the same bytes; so only the footer's word for the type is changed.
 */
function writeInt96(rows: readonly Reading[]): Buffer {
  const bytes = (at: unknown): Uint8Array | null => {
    if (!(at instanceof Date)) return null;
    const days = Math.floor(at.getTime() / 86_400_000);
    const buffer = Buffer.alloc(12);
    buffer.writeBigInt64LE(BigInt(at.getTime() - days * 86_400_000) * 1_000_000n);
    buffer.writeInt32LE(days + JULIAN_1970, 8);
    return buffer;
  };
  const column = element("TIMESTAMP", "FIXED_LEN_BYTE_ARRAY", { type_length: 12, value: bytes });
  const file = writeWithHyparquet(rows, usualBut(column));
  const metadata = parquetMetadata(new Uint8Array(file).buffer);
  for (const written of metadata.schema) {
    if (written.type !== "FIXED_LEN_BYTE_ARRAY") continue;
    written.type = "INT96";
    delete written.type_length;
  }
  for (const { meta_data: chunk } of metadata.row_groups.flatMap((group) => group.columns)) {
    if (chunk?.type !== "FIXED_LEN_BYTE_ARRAY") continue;
    chunk.type = "INT96";
    delete chunk.statistics;
  }
  const footerLength = file.readUInt32LE(file.length - 8);
  const footer = new ByteWriter();
  writeMetadata(footer, metadata);
  footer.appendUint32(footer.offset);
  footer.appendBytes(Buffer.from("PAR1"));
  return Buffer.concat([file.subarray(0, file.length - 8 - footerLength), Buffer.from(footer.getBuffer())]);
}

// ── The files ────────────────────────────────────────────────────────────────────────────────

const DECIMALS =
  "CAST(VOLTAGE AS DECIMAL(22,0)) AS VOLTAGE, CAST(POWER_FACTOR AS DECIMAL(23,2)) AS POWER_FACTOR";
const broken = (file: Buffer, at: (index: number) => boolean) =>
  Buffer.from(file.map((byte, index) => (at(index) ? byte ^ 0x5a : byte)));

const plain = (rows: readonly Reading[]): Promise<Buffer> =>
  writeWithDuckdb(
    rows,
    `SELECT METER_ID, TIMESTAMP AT TIME ZONE 'UTC' AS TIMESTAMP, USAGE_KWH, ${DECIMALS}, CUSTOMER_SEGMENT_ID, SOURCE_TABLE FROM reading`,
  );

/** Every kind of file, by name. */
export const fixtures = {
  /** As the data generator writes it: DuckDB, decimals, UTC-adjusted microseconds, snappy. */
  plain,
  /** By the other writer: UTC-adjusted microseconds, VOLTAGE an integer, POWER_FACTOR a double. */
  hyparquet: (rows) => writeWithHyparquet(rows),
  int96: writeInt96,
  utcMillis: (rows) => writeWithHyparquet(rows, usualBut(timestampColumn(true, "MILLIS", true))),
  utcMicros: (rows) => writeWithHyparquet(rows, usualBut(timestampColumn(true, "MICROS"))),
  utcNanos: (rows) => writeWithHyparquet(rows, usualBut(timestampColumn(true, "NANOS"))),
  /** Not adjusted to UTC, with the older annotation, as DuckDB and Spark write it. */
  localMicrosConverted: (rows) => writeWithDuckdb(rows),
  /** Not adjusted to UTC, without the older annotation, as pyarrow writes it. */
  localMicros: (rows) => writeWithHyparquet(rows, usualBut(timestampColumn(false, "MICROS"))),
  localMillis: (rows) => writeWithHyparquet(rows, usualBut(timestampColumn(false, "MILLIS"))),
  localNanos: (rows) =>
    writeWithDuckdb(rows, "SELECT * REPLACE (CAST(TIMESTAMP AS TIMESTAMP_NS) AS TIMESTAMP) FROM reading"),
  /** TIMESTAMP as text, ISO 8601. */
  textTimestamp: (rows) =>
    writeWithHyparquet(
      rows,
      usualBut(
        textColumn("TIMESTAMP", {
          value: (at) => (at instanceof Date ? at.toISOString().slice(0, 19).replace("T", " ") : null),
        }),
      ),
    ),
  /** TIMESTAMP a bare number, microseconds that nothing says are such: Snowflake takes them for seconds. */
  bareMicros: (rows) =>
    writeWithHyparquet(
      rows,
      usualBut(
        element("TIMESTAMP", "INT64", {
          value: (at) => (at instanceof Date ? BigInt(at.getTime()) * 1000n : null),
        }),
      ),
    ),
  usageDecimal: (rows) =>
    writeWithDuckdb(rows, "SELECT * REPLACE (CAST(USAGE_KWH AS DECIMAL(18,6)) AS USAGE_KWH) FROM reading"),
  usageInteger: (rows) =>
    writeWithHyparquet(
      rows,
      usualBut(element("USAGE_KWH", "INT64", { value: (kwh) => BigInt(Math.round(Number(kwh))) })),
    ),
  /** VOLTAGE a double with halves: 117.5 becomes 118. */
  voltageDouble: (rows) =>
    writeWithHyparquet(
      rows,
      usualBut(element("VOLTAGE", "DOUBLE", { value: (volts) => Number(volts) + 0.5 })),
    ),
  missingColumns: (rows) =>
    writeWithHyparquet(
      rows,
      USUAL_COLUMNS.filter(({ name }) => name !== "POWER_FACTOR" && name !== "SOURCE_TABLE"),
    ),
  extraColumns: (rows) =>
    writeWithDuckdb(rows, "SELECT *, 'x' AS FIRMWARE, 42 AS SIGNAL_STRENGTH FROM reading"),
  /** The keys have other names: under MATCH_BY_COLUMN_NAME they load as NULL. */
  renamedKeys: (rows) =>
    writeWithHyparquet(rows, [
      textColumn("DEVICE", { from: "METER_ID" }),
      { ...timestampColumn(true, "MICROS", true), name: "READ_AT", from: "TIMESTAMP" },
      ...USUAL_COLUMNS.slice(2),
    ]),
  /** Lower-case names in another order. */
  otherCase: (rows) =>
    writeWithHyparquet(
      rows,
      USUAL_COLUMNS.map((column) => ({ ...column, name: column.name.toLowerCase() })).reverse(),
    ),
  /** Right columns, no rows. */
  noRows: (rows) => writeWithDuckdb(rows, "FROM reading WHERE false"),
  zstd: (rows) => writeWithHyparquet(rows, USUAL_COLUMNS, "ZSTD"),
  gzip: (rows) => writeWithDuckdb(rows, "FROM reading", "COMPRESSION gzip"),
  /** A row group for each row. */
  rowGroups: (rows) => writeWithHyparquet(rows, USUAL_COLUMNS, "SNAPPY", 1),
  uncompressed: (rows) => writeWithHyparquet(rows, USUAL_COLUMNS, "UNCOMPRESSED"),
  /** Every fifth CUSTOMER_SEGMENT_ID is longer than 11 characters. */
  longSegment: (rows) =>
    writeWithHyparquet(
      rows.map((row, index) => (index % 5 === 4 ? { ...row, segment: "RESIDENTIAL-TIME-OF-USE" } : row)),
    ),
  /** VOLTAGE as text; in the third row it is no number. */
  badVoltage: (rows) =>
    writeWithHyparquet(
      rows.map((row, index) => (index === 2 ? { ...row, voltage: Number.NaN } : row)),
      usualBut(textColumn("VOLTAGE", { value: (volts) => (Number.isNaN(volts) ? "n/a" : String(volts)) })),
    ),
  nullKeys: (rows) =>
    writeWithHyparquet(rows.map((row, index) => (index % 4 === 0 ? { ...row, meterId: null } : row))),
  /** The second half is gone. */
  truncated: async (rows) => {
    const file = await plain(rows);
    return file.subarray(0, Math.floor(file.length / 2));
  },
  /** The footer is whole, the pages are not. */
  corrupt: async (rows) => {
    const file = await plain(rows);
    const footer = file.readUInt32LE(file.length - 8);
    return broken(file, (index) => index > 8 && index < file.length - footer - 8);
  },
  notParquet: () => Buffer.from("METER_ID,TIMESTAMP,USAGE_KWH\nMTR-00000001,2026-07-01 00:00:00,0.25\n"),
  zeroBytes: () => Buffer.alloc(0),
} satisfies Record<string, (rows: readonly Reading[]) => Buffer | Promise<Buffer>>;

export type FixtureName = keyof typeof fixtures;
