/** Parquet files of random columns, by both writers of parquet-fixtures.ts: for properties of what reads them. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import fc from "fast-check";
import type { SchemaElement } from "hyparquet";
import { parquetWriteBuffer } from "hyparquet-writer";

/** What DuckDB writes in row i: every kind of column that it has. */
const duckdbKinds = {
  int32: "CAST(i * 3 AS INTEGER)",
  int64: "CAST(i * 5000000000 AS BIGINT)",
  uint8: "CAST(i % 200 AS UTINYINT)",
  uint64: "CAST(i * 7 AS UBIGINT)",
  double: "CAST(i * 0.3 AS DOUBLE)",
  float: "CAST(i * 0.7 AS FLOAT)",
  notANumber: "CASE WHEN i % 2 = 0 THEN CAST('NaN' AS DOUBLE) ELSE i + 0.5 END",
  decimal9: "CAST(i * 1.25 AS DECIMAL(9,2))",
  decimal30: "CAST(i * 1.5 AS DECIMAL(30,6))",
  text: "'text ' || i",
  numberText: "CASE WHEN i % 3 = 2 THEN 'n/a' ELSE CAST(i * 1.5 AS VARCHAR) END",
  dateText: "CAST(DATE '2026-01-01' + CAST(i AS INTEGER) AS VARCHAR)",
  emptyText: "''",
  boolean: "i % 2 = 0",
  date: "DATE '2026-01-01' + CAST(i AS INTEGER)",
  time: "TIME '00:00:00' + to_minutes(i)",
  timestamp: "TIMESTAMP '2026-01-01' + to_minutes(i * 15)",
  timestampTz: "TIMESTAMPTZ '2026-01-01 00:00:00+00' + to_minutes(i * 15)",
  timestampMs: "CAST(TIMESTAMP '2026-01-01' + to_minutes(i * 15) AS TIMESTAMP_MS)",
  timestampNs: "CAST(TIMESTAMP '2026-01-01' + to_minutes(i * 15) AS TIMESTAMP_NS)",
  blob: "CAST('b' || i AS BLOB)",
  uuid: "CAST('00000000-0000-0000-0000-00000000000' || (i % 10) AS UUID)",
  struct: "{'a': i, 'b': i * 0.3}",
  structOfText: "{'a': 'x' || i}",
  list: "[i, i + 1]",
  listOfText: "['x' || i]",
  map: "MAP {'k': i}",
} as const;

type Writing = Omit<SchemaElement, "name" | "repetition_type"> & { value(i: number): unknown };
const stamp = (unit: "MILLIS" | "MICROS" | "NANOS", isAdjustedToUTC: boolean): Writing => ({
  type: "INT64",
  logical_type: { type: "TIMESTAMP", isAdjustedToUTC, unit },
  value: (i) => new Date(Date.UTC(2026, 0, 1) + i * 900_000),
});

/** What DuckDB does not write: bare types, other annotations, columns that are never NULL. */
const hyparquetKinds = {
  bareInt32: { type: "INT32", value: (i) => i * 3 },
  bareInt64: { type: "INT64", value: (i) => BigInt(i) * 1_000_000n },
  bareDouble: { type: "DOUBLE", value: (i) => i * 0.3 },
  bareBytes: { type: "BYTE_ARRAY", value: (i) => new TextEncoder().encode(`4${i % 10}`) },
  bareBoolean: { type: "BOOLEAN", value: (i) => i % 2 === 0 },
  utf8: {
    type: "BYTE_ARRAY",
    converted_type: "UTF8",
    logical_type: { type: "STRING" },
    value: (i) => `v${i}`,
  },
  localMillis: stamp("MILLIS", false),
  localMicros: stamp("MICROS", false),
  localNanos: stamp("NANOS", false),
  utcMillis: stamp("MILLIS", true),
  utcMicros: stamp("MICROS", true),
  utcNanos: stamp("NANOS", true),
} satisfies Record<string, Writing>;

interface MixedColumn<Kind extends string = string> {
  name: string;
  kind: Kind;
  nullable: boolean;
}

export type MixedFile =
  | { writer: "duckdb"; rows: number; columns: MixedColumn<keyof typeof duckdbKinds>[] }
  | { writer: "hyparquet"; rows: number; columns: MixedColumn<keyof typeof hyparquetKinds>[] };

const columnsOf = <Kind extends string>(names: readonly string[], kinds: readonly Kind[]) =>
  fc.uniqueArray(
    fc.record({
      name: fc.constantFrom(...names, ...names.map((name) => name.toLowerCase()), "EXTRA_1", "Extra_2"),
      kind: fc.constantFrom(...kinds),
      nullable: fc.boolean(),
    }),
    { minLength: 1, maxLength: names.length + 2, selector: ({ name }) => name.toUpperCase() },
  );

/** A file with some of the columns of a table, in any order, case and type, and some that the table lacks. */
export function mixedFile(names: readonly string[]): fc.Arbitrary<MixedFile> {
  const rows = fc.integer({ min: 0, max: 12 });
  return fc.oneof(
    fc.record({
      writer: fc.constant("duckdb" as const),
      rows,
      columns: columnsOf(names, Object.keys(duckdbKinds) as (keyof typeof duckdbKinds)[]),
    }),
    fc.record({
      writer: fc.constant("hyparquet" as const),
      rows: fc.integer({ min: 1, max: 12 }),
      columns: columnsOf(names, Object.keys(hyparquetKinds) as (keyof typeof hyparquetKinds)[]),
    }),
  );
}

/** Writes such files, many of them with one DuckDB. */
export class MixtureWriter {
  readonly #connection: DuckDBConnection;
  readonly #instance: DuckDBInstance;
  readonly #directory: string;

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection, directory: string) {
    this.#instance = instance;
    this.#connection = connection;
    this.#directory = directory;
  }

  static async start(): Promise<MixtureWriter> {
    const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
    const directory = await mkdtemp(path.join(tmpdir(), "mixtures-"));
    return new MixtureWriter(instance, await instance.connect(), directory);
  }

  async write(file: MixedFile): Promise<Buffer> {
    if (file.writer === "hyparquet") return writeWithHyparquet(file);
    const values = file.columns.map(({ name, kind, nullable }) => {
      const value = duckdbKinds[kind];
      return `${nullable ? `CASE WHEN i % 4 <> 3 THEN ${value} END` : value} AS "${name}"`;
    });
    return await this.writeSelect(`SELECT ${values.join(", ")} FROM range(${file.rows}) AS numbers(i)`);
  }

  /** The rows of a query in DuckDB's SQL. */
  async writeSelect(select: string, options = "FORMAT parquet"): Promise<Buffer> {
    const target = path.join(this.#directory, "file.parquet");
    await this.#connection.run(`COPY (${select}) TO '${target}' (${options})`);
    return await readFile(target);
  }

  async stop(): Promise<void> {
    this.#connection.closeSync();
    this.#instance.closeSync();
    await rm(this.#directory, { recursive: true });
  }
}

function writeWithHyparquet({ rows, columns }: Extract<MixedFile, { writer: "hyparquet" }>): Buffer {
  const schema: SchemaElement[] = columns.map(({ name, kind, nullable }) => {
    const { value: _value, ...element } = hyparquetKinds[kind] as Writing;
    return { ...element, name, repetition_type: nullable ? "OPTIONAL" : "REQUIRED" };
  });
  const columnData = columns.map(({ name, kind, nullable }) => ({
    name,
    data: Array.from({ length: rows }, (_, i) =>
      nullable && i % 4 === 3 ? null : hyparquetKinds[kind].value(i),
    ),
    encoding: "PLAIN" as const,
  }));
  return Buffer.from(
    parquetWriteBuffer({ schema: [{ name: "root", num_children: columns.length }, ...schema], columnData }),
  );
}
